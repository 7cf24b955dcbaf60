//! The schema of the catalogue's document: it takes ours, and nothing that is put together otherwise.

use jsonschema::Validator;
use serde_json::Value;
use serde_json::json;

use crate::bank::Bank;

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../../catalogue.schema.json")).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn the_catalogue_is_as_its_schema_says() {
    let validator = validator();
    for document in [Bank::catalogue(), crate::lock::later::Bank::catalogue()] {
        let document = document.to_json();
        let errors: Vec<_> = validator.iter_errors(&document).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn the_schema_refuses_what_is_put_together_otherwise() {
    let validator = validator();
    let ours = Bank::catalogue().to_json();
    let wrong = [
        ("/version", json!("3")),
        ("/version", json!(-1)),
        ("/catalogue", json!("The Bank")),
        ("/resources/0/name", json!("")),
        ("/resources/0/permissions/0/bit", json!(1024)),
        ("/resources/0/permissions/0/name", json!("read")),
        ("/resources/0/permissions/0/attributes", json!(["admin"])),
        (
            "/resources/0/permissions/0/attributes",
            json!(["read", "read"]),
        ),
        (
            "/resources/0/permissions/0/attributes",
            json!(["max_age=0"]),
        ),
        ("/policies/0/permissions/0", json!("account:*")),
        ("/roles/0/policies", json!(null)),
        ("/retired", json!([{ "name": "account:freeze" }])),
    ];
    for (at, value) in wrong {
        let mut document = ours.clone();
        *document.pointer_mut(at).unwrap() = value;
        assert!(!validator.is_valid(&document), "{at}");
    }
    for member in ["catalogue", "version", "resources", "roles", "retired"] {
        let mut document = ours.clone();
        document.as_object_mut().unwrap().remove(member);
        assert!(!validator.is_valid(&document), "without {member}");
    }
    let mut document = ours;
    document["more"] = json!(1);
    assert!(!validator.is_valid(&document));
}
