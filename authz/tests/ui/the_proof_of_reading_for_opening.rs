use skeleton_authz::Authorized;

mod bank {
    skeleton_authz::permissions! {
        pub(crate) catalogue Bank "bank" version 1;
        resource account "account" { 32 => Read "read" [read]; 33 => Open "open"; }
    }
}

fn open(_: &Authorized<'_, bank::account::Open>) {}

fn handle(proof: &Authorized<'_, bank::account::Read>) {
    open(proof);
}

fn main() {}
