//! A large product: two hundred permissions, ten on each of its resources, and a standard role for each resource.

use skeleton_authz::permissions;

/// Spells the same ten permissions for every resource.
macro_rules! large {
    ($(
        $module:ident $resource:literal $policy:ident $role:ident $name:literal
        [$a:literal $b:literal $c:literal $d:literal $e:literal $f:literal $g:literal $h:literal $i:literal $j:literal];
    )*) => {
        permissions! {
            /// What the product protects.
            pub(crate) catalogue Large "large" version 1;
            $(
                resource $module $resource {
                    $a => Read "read" [read, on_archived];
                    $b => List "list" [read];
                    $c => Create "create";
                    $d => Change "change";
                    $e => Approve "approve";
                    $f => Reject "reject";
                    $g => Assign "assign";
                    $h => Close "close";
                    $i => Export "export" [read, sensitive];
                    $j => Erase "erase" [sensitive];
                }
                policy $policy $resource {
                    $module::Read, $module::List, $module::Create, $module::Change, $module::Approve,
                    $module::Reject, $module::Assign, $module::Close, $module::Export, $module::Erase,
                }
                role $role $name { $policy }
            )*
        }

        /// What each resource and its standard role are called.
        pub(crate) const RESOURCES: &[(&str, &str)] = &[$(($resource, $name)),*];
    };
}

/// What may be done to each resource.
pub(crate) const ACTIONS: [&str; 10] = [
    "read", "list", "create", "change", "approve", "reject", "assign", "close", "export", "erase",
];

large! {
    m00 "res-00" P00 R00 "role-00" [32 33 34 35 36 37 38 39 40 41];
    m01 "res-01" P01 R01 "role-01" [42 43 44 45 46 47 48 49 50 51];
    m02 "res-02" P02 R02 "role-02" [52 53 54 55 56 57 58 59 60 61];
    m03 "res-03" P03 R03 "role-03" [62 63 64 65 66 67 68 69 70 71];
    m04 "res-04" P04 R04 "role-04" [72 73 74 75 76 77 78 79 80 81];
    m05 "res-05" P05 R05 "role-05" [82 83 84 85 86 87 88 89 90 91];
    m06 "res-06" P06 R06 "role-06" [92 93 94 95 96 97 98 99 100 101];
    m07 "res-07" P07 R07 "role-07" [102 103 104 105 106 107 108 109 110 111];
    m08 "res-08" P08 R08 "role-08" [112 113 114 115 116 117 118 119 120 121];
    m09 "res-09" P09 R09 "role-09" [122 123 124 125 126 127 128 129 130 131];
    m10 "res-10" P10 R10 "role-10" [132 133 134 135 136 137 138 139 140 141];
    m11 "res-11" P11 R11 "role-11" [142 143 144 145 146 147 148 149 150 151];
    m12 "res-12" P12 R12 "role-12" [152 153 154 155 156 157 158 159 160 161];
    m13 "res-13" P13 R13 "role-13" [162 163 164 165 166 167 168 169 170 171];
    m14 "res-14" P14 R14 "role-14" [172 173 174 175 176 177 178 179 180 181];
    m15 "res-15" P15 R15 "role-15" [182 183 184 185 186 187 188 189 190 191];
    m16 "res-16" P16 R16 "role-16" [192 193 194 195 196 197 198 199 200 201];
    m17 "res-17" P17 R17 "role-17" [202 203 204 205 206 207 208 209 210 211];
    m18 "res-18" P18 R18 "role-18" [212 213 214 215 216 217 218 219 220 221];
    m19 "res-19" P19 R19 "role-19" [222 223 224 225 226 227 228 229 230 231];
}
