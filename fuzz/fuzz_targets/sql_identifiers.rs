//! Columns of lists: what is taken as a name is read by SQL as that name and as nothing else, and every value is bound.
//!
//! An input is the place of the first value, two bytes; what is held, one byte; and two names with a line break between.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skeleton_authz::AccessEvent;
use skeleton_authz::Grant;
use skeleton_authz::Reach;
use skeleton_authz::Snapshot;
use skeleton_authz::Subject;
use skeleton_fuzz::rules;
use skeleton_fuzz::rules::ASKS;
use skeleton_fuzz::rules::World;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::ScopeColumns;

fuzz_target!(|bytes: &[u8]| {
    let Some(([high, low, held], names)) = bytes.split_first_chunk() else {
        return;
    };
    let Ok(names) = core::str::from_utf8(names) else {
        return;
    };
    let (tenant, scope) = names.split_once('\n').unwrap_or((names, "scope_id"));
    let columns = ScopeColumns::new(tenant, scope);
    assert_eq!(columns.is_ok(), is_column(tenant) && is_column(scope));
    assert_eq!(columns.is_ok(), ScopeColumns::new(scope, tenant).is_ok());
    let Ok(columns) = columns else {
        return;
    };
    let snapshot = holding(*held);
    let first = u16::from_be_bytes([*high, *low]);
    for (_, visible) in ASKS {
        let filter = visible(&snapshot).expect("a permission of the shop");
        let scopes = filter.nodes().filter_map(|node| snapshot.tree().id(node));
        let scopes: Vec<ContainerId> = scopes.collect();
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let predicate = filter.to_sql(dialect, &columns, first);
            let predicate = predicate.expect("a list of a few containers");
            let named = if filter.is_everything() {
                &[][..]
            } else {
                &scopes
            };
            let mut bound = vec![rules::tenant(1).to_bytes()];
            bound.extend(named.iter().map(|scope| scope.to_bytes()));
            assert_eq!(predicate.binds(), bound);
            let mut expected = column(tenant);
            expected.extend([Token::Sign('='), Token::Value(first.into())]);
            if scopes.is_empty() {
                expected.push(Token::Word("AND".to_owned()));
                expected.extend([Token::Number(1), Token::Sign('='), Token::Number(0)]);
            } else if !named.is_empty() {
                expected.extend(is_one_of(scope, named.len(), first.into()));
            }
            assert_eq!(tokens(predicate.text(), dialect), expected);
        }
    }
});

/// The rule by itself: a name, or a table's name, a dot, and a name.
fn is_column(text: &str) -> bool {
    let is_name = |part: &str| {
        let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        let is_next = |byte: u8| is_first(byte) || byte.is_ascii_digit();
        let first = part.bytes().next();
        first.is_some_and(is_first) && part.bytes().all(is_next) && part.len() <= 63
    };
    let parts: Vec<_> = text.split('.').collect();
    parts.len() <= 2 && parts.into_iter().all(is_name)
}

/// Whoever holds what these bits say, from nothing to everything.
fn holding(bits: u8) -> Snapshot {
    let possible = [
        (rules::Clerk, 0, Reach::SelfAndBelow),
        (rules::Clerk, 1, Reach::BelowOnly),
        (rules::Biller, 2, Reach::SelfOnly),
        (rules::Biller, 4, Reach::SelfAndBelow),
        (rules::Clerk, 5, Reach::SelfAndBelow),
        (rules::Admin, 0, Reach::SelfOnly),
    ];
    let mut events = Vec::new();
    for (number, (role, at, reach)) in (0..).zip(possible) {
        if bits & (1 << number) != 0 {
            let to = Subject::Account(rules::account(0));
            let at = rules::container(at);
            let grant = Grant::new(rules::grant_id(number), to, role.name(), at);
            let grant = grant.with_reach(reach);
            events.push(AccessEvent::GrantGiven { grant });
        }
    }
    let world = World::new();
    world.append(&events);
    world.snapshot(rules::account(0))
}

/// A part of a condition, as the grammar of SQL has it.
#[derive(Debug, PartialEq)]
enum Token {
    /// In double quotes: what stands between them.
    Identifier(String),
    /// The place of a value.
    Value(u32),
    Word(String),
    Number(u32),
    Sign(char),
}

fn tokens(text: &str, dialect: Dialect) -> Vec<Token> {
    let place = if dialect == Dialect::Sqlite { '?' } else { '$' };
    let mut rest = text.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(char) = rest.next() {
        let mut run = String::new();
        match char {
            ' ' => {}
            '"' => loop {
                match rest.next().expect("an identifier that ends") {
                    // Two quotes are one inside.
                    '"' if rest.next_if_eq(&'"').is_none() => {
                        tokens.push(Token::Identifier(run));
                        break;
                    }
                    inner => run.push(inner),
                }
            },
            _ if char == place || char.is_ascii_digit() => {
                run.extend(char.is_ascii_digit().then_some(char));
                while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    run.push(digit);
                }
                let number = run.parse().expect("a number");
                tokens.push(if char == place {
                    Token::Value(number)
                } else {
                    Token::Number(number)
                });
            }
            'A'..='Z' => {
                run.push(char);
                while let Some(letter) = rest.next_if(char::is_ascii_uppercase) {
                    run.push(letter);
                }
                tokens.push(Token::Word(run));
            }
            '=' | '.' | ',' | '(' | ')' => tokens.push(Token::Sign(char)),
            _ => panic!("{char:?} has no place in a condition"),
        }
    }
    tokens
}

fn column(name: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for part in name.split('.') {
        if !tokens.is_empty() {
            tokens.push(Token::Sign('.'));
        }
        tokens.push(Token::Identifier(part.to_owned()));
    }
    tokens
}

/// `AND scope IN (…)` with so many values, the first of them after the tenant's.
fn is_one_of(scope: &str, values: usize, first: u32) -> Vec<Token> {
    let mut tokens = vec![Token::Word("AND".to_owned())];
    tokens.extend(column(scope));
    tokens.push(Token::Word("IN".to_owned()));
    for (number, _) in (first + 1..).zip(0..values) {
        let sign = if number == first + 1 { '(' } else { ',' };
        tokens.extend([Token::Sign(sign), Token::Value(number)]);
    }
    tokens.push(Token::Sign(')'));
    tokens
}
