//! Who may do what where in the bank of the tour, as a committed text.

use bank::edge::operations;
use bank::seed::Person;
use skeleton_authz::Snapshot;
use skeleton_authz::testing::matrix;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing;

use crate::golden::golden;
use crate::helpers::Town;

async fn snapshot(town: &Town, person: &Person, tenant: TenantId) -> Snapshot {
    let authorizer = &town.bank.services().authorizer;
    let ctx = testing::context().user(person.account, tenant);
    let ctx = ctx.build_authenticated();
    let t = skeleton_tenancy_tree::InTenant::of(&ctx);
    authorizer.load(t).await.unwrap();
    authorizer.snapshot(&ctx).unwrap()
}

#[tokio::test]
async fn the_access_matrix_is_as_it_was_committed() {
    let town = Town::new().await;
    let (world, acme, globex) = (&town.world, town.world.acme, town.world.globex);
    let root = ContainerId::root_of;
    let scopes = [
        ("acme", root(acme.tenant)),
        ("Global", acme.global),
        ("EU", acme.eu),
        ("France", acme.france),
        ("US", acme.us),
        ("Texas", acme.texas),
        ("globex", root(globex.tenant)),
        ("Retail", globex.retail),
        ("Wholesale", globex.wholesale),
    ];
    let people = [
        ("ada@acme", &world.ada, acme.tenant),
        ("bo@acme", &world.bo, acme.tenant),
        ("dana@acme", &world.dana, acme.tenant),
        ("ines@acme", &world.ines, acme.tenant),
        ("cy@globex", &world.cy, globex.tenant),
        ("hal@globex", &world.hal, globex.tenant),
        // What somebody holds in one tenant is nothing in another.
        ("ada in globex", &world.ada, globex.tenant),
    ];
    let mut callers = Vec::new();
    for (name, person, tenant) in people {
        callers.push((name, snapshot(&town, person, tenant).await));
    }
    let callers: Vec<_> = callers.iter().map(|(name, held)| (*name, held)).collect();
    golden(
        "access-matrix.txt",
        &matrix(&operations(), &scopes, &callers),
    );
    town.stop().await;
}

#[test]
fn the_catalogue_document_is_as_it_was_committed() {
    let document = bank::catalogue::Bank::catalogue().to_json();
    let text = serde_json::to_string_pretty(&document).unwrap();
    golden("catalogue.json", &(text + "\n"));
}
