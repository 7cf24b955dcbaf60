//! Who may do what where, as a text to commit.

use skeleton_invocation_context::ContainerId;

use crate::catalogue::Definition;
use crate::operations::Need;
use crate::operations::Operations;
use crate::refusal::RefusalKind;
use crate::snapshot::Snapshot;

/// The access matrix: for every caller, every operation in every scope. Commit it, and compare: its diff is the review of
/// who gains what.
///
/// A cell says `allow`, or what the caller would be answered: `403`, `404`, `step-up`. A listing shows `rows` where it
/// would show rows, and `-` where not; what needs no permission is `own` or `public`.
///
/// ```
/// # use skeleton_authz::{Operations, Snapshot, testing::matrix};
/// # use skeleton_invocation_context::ContainerId;
/// fn text(operations: &Operations, ada: &Snapshot, eu: ContainerId, us: ContainerId) -> String {
///     matrix(operations, &[("EU", eu), ("US", us)], &[("ada", ada)])
/// }
/// ```
#[must_use]
pub fn matrix(
    operations: &Operations,
    scopes: &[(&str, ContainerId)],
    callers: &[(&str, &Snapshot)],
) -> String {
    let needs = operations.needs();
    let first = needs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (caller, snapshot) in callers {
        let mut line = |name: &str, cells: &mut dyn Iterator<Item = (&str, &str)>| {
            let mut row = format!("{name:first$}");
            for (scope, cell) in cells {
                let width = scope.len().max("step-up".len());
                row.push_str(&format!("  {cell:width$}"));
            }
            text.push_str(row.trim_end());
            text.push('\n');
        };
        line(
            &format!("# {caller}"),
            &mut scopes.iter().map(|(scope, _)| (*scope, *scope)),
        );
        for (name, need) in &needs {
            let mut cells = scopes
                .iter()
                .map(|(scope, at)| (*scope, cell(snapshot, *need, *at)));
            line(name, &mut cells);
        }
        text.push('\n');
    }
    text
}

fn cell(snapshot: &Snapshot, need: Need, at: ContainerId) -> &'static str {
    let known = |name: &str| {
        snapshot
            .catalogue()
            .permission_named(name)
            .map(Definition::id)
    };
    let (permission, yes) = match need {
        Need::Public => return "public",
        Need::Own => return "own",
        Need::Permission(name) => (known(name), "allow"),
        Need::Listing(name) => (known(name), "rows"),
    };
    let refused = permission.map_or(Some(RefusalKind::NotFound), |id| snapshot.refused(id, at));
    match (need, refused) {
        (_, None) => yes,
        (Need::Listing(_), Some(_)) => "-",
        (_, Some(RefusalKind::Denied)) => "403",
        (_, Some(RefusalKind::StepUp)) => "step-up",
        (_, Some(RefusalKind::NotFound)) => "404",
    }
}
