skeleton_authz::permissions! {
    pub catalogue Bank "bank" version 1;
    resource account "account" { 32 => Read "read"; 35 => Open "open"; }
    retired { 35 => "account:freeze"; }
}

fn main() {}
