skeleton_authz::permissions! {
    pub(crate) catalogue Bank "bank" version 1;
    resource account "account" { 32 => Read "read" [read]; }
    resource customer "customer" { 32 => Read "read" [read]; }
}

fn main() {}
