skeleton_authz::permissions! {
    pub(crate) catalogue Bank "bank" version 1;
    resource account "account" { 16 => Read "read" [read]; }
}

fn main() {}
