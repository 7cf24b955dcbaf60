//! The log names the invocation on every line, and nobody by anything but an id.

use std::process::Command;

/// The value of a field of a line, `name=value`: of the innermost span that has it.
fn field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let (_, rest) = line.rsplit_once(&format!("{name}="))?;
    rest.split([' ', '}']).next()
}

fn log() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_bank"))
        .args(["--exit", "--log"])
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_door_and_its_processor_write_under_one_originating_id() {
    let log = log();
    let of = |message: &str, operation: &str| {
        let is_it =
            |line: &&str| line.contains(message) && field(line, "operation") == Some(operation);
        let lines: Vec<_> = log.lines().filter(is_it).collect();
        assert!(!lines.is_empty(), "{message} {operation} in\n{log}");
        lines
    };
    for operation in ["register-customer", "deposit", "forget-customer"] {
        let quoted = format!("{operation:?}");
        let decided = of("decides", &quoted);
        for line in &decided {
            let by = field(line, "invocation.parent_id").unwrap();
            let of_door = of("answered", &quoted);
            // Of the items of one request each has a door of its own.
            let of_door = of_door
                .iter()
                .find(|line| field(line, "invocation.id") == Some(by));
            let of_door = of_door.unwrap_or_else(|| panic!("no door {by} in\n{log}"));
            let hop = |line: &str| field(line, "invocation.id").map(str::to_owned);
            assert_ne!(hop(line), hop(of_door));
            let trace = |line: &str| field(line, "invocation.originating_id").map(str::to_owned);
            assert!(trace(line).is_some());
            assert_eq!(trace(line), trace(of_door));
            let effective = |line: &str| field(line, "account.id").map(str::to_owned);
            assert!(effective(line).is_some());
            assert_eq!(effective(line), effective(of_door));
        }
    }
}

#[test]
fn attack_21_the_log_holds_no_name_address_token_or_password() {
    let log = log();
    for secret in [
        "Dora",
        "Lindqvist",
        "example",
        "127.0.0.1",
        "bank-tour",
        "eyJ",
        "Bearer",
        "password",
    ] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
}
