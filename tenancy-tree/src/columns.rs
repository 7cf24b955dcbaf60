//! The columns by which a product's rows belong to a tenant and a container, and the predicates of lists on them.

use core::fmt;
use core::fmt::Write as _;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;

use crate::snapshot::Node;
use crate::snapshot::TreeSnapshot;

/// The most bytes of a name in PostgreSQL, which has the shorter ones.
const MAX_NAME: usize = 63;

/// Why a text is not the name of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a column is named by 1 to 63 letters, digits and underscores, and may stand behind its table's name and a dot"
)]
pub struct ColumnError(());

/// How a database writes the place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// `?1`, `?2`, …
    Sqlite,
    /// `$1`, `$2`, …
    Postgres,
}

/// Why there is no predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The subtree has more containers than a predicate names one by one: 4 096. A list is never cut silently.
    #[error("the subtree has more than 4096 containers")]
    TooLarge,
    /// The node is of another snapshot.
    #[error("the container is of another snapshot")]
    Foreign,
}

/// The two columns that every row of a product has: its tenant, and its container. 16 bytes each (PostgreSQL `uuid`,
/// SQLite `BLOB`), under one index in that order.
///
/// ```
/// use skeleton_tenancy_tree::ScopeColumns;
///
/// let columns = ScopeColumns::default(); // tenant_id, scope_id
/// assert!(ScopeColumns::new("invoice.tenant_id", "invoice.scope_id").is_ok());
/// assert!(ScopeColumns::new("tenant_id; --", "scope_id").is_err());
/// # drop(columns);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeColumns {
    tenant: String,
    scope: String,
}

impl Default for ScopeColumns {
    fn default() -> Self {
        Self {
            tenant: quoted("tenant_id"),
            scope: quoted("scope_id"),
        }
    }
}

/// A condition for `WHERE`, and the values that belong to it. The tenant always comes first.
///
/// # Security
///
/// Identifiers are checked and quoted when the columns are named; values are only bound, never written.
#[derive(Clone, PartialEq, Eq)]
pub struct ScopePredicate {
    text: String,
    binds: Vec<[u8; 16]>,
}

impl ScopeColumns {
    /// The most containers that a predicate names one by one.
    pub const MAX_SCOPES: usize = 4_096;

    /// Columns of these names, each alone or behind its table's name and a dot.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] if one is no name.
    pub fn new(tenant: &str, scope: &str) -> Result<Self, ColumnError> {
        Ok(Self {
            tenant: checked(tenant)?,
            scope: checked(scope)?,
        })
    }

    /// What a row of this tenant and container has in the two columns.
    #[must_use]
    pub const fn values(tenant: TenantId, container: ContainerId) -> [[u8; 16]; 2] {
        [tenant.to_bytes(), container.to_bytes()]
    }

    /// The rows of a container and all that is below it, as the tree is in this snapshot. The first value is bound to
    /// the place `first`, counted from 1.
    ///
    /// A whole tenant needs no list of containers.
    ///
    /// # Errors
    ///
    /// [`FilterError`] if the subtree is too large to be named, or the node is of another snapshot.
    pub fn subtree(
        &self,
        tree: &TreeSnapshot,
        node: Node<'_>,
        dialect: Dialect,
        first: u16,
    ) -> Result<ScopePredicate, FilterError> {
        if tree.id(node).is_none() {
            return Err(FilterError::Foreign);
        }
        if node.pre() == 0 {
            return Ok(self.tenant(tree.tenant(), dialect, first));
        }
        let scopes = tree.subtree(node).filter_map(|below| tree.id(below));
        let scopes: Vec<_> = scopes.take(Self::MAX_SCOPES + 1).collect();
        self.containers(tree.tenant(), &scopes, dialect, first)
    }

    /// Every row of a tenant.
    #[must_use]
    pub fn tenant(&self, tenant: TenantId, dialect: Dialect, first: u16) -> ScopePredicate {
        self.predicate(vec![tenant.to_bytes()], dialect, first)
    }

    /// The rows of a tenant in these containers, and in none below them; of none if there are none.
    ///
    /// # Errors
    ///
    /// [`FilterError::TooLarge`] if there are more than [`ScopeColumns::MAX_SCOPES`].
    pub fn containers(
        &self,
        tenant: TenantId,
        scopes: &[ContainerId],
        dialect: Dialect,
        first: u16,
    ) -> Result<ScopePredicate, FilterError> {
        if scopes.len() > Self::MAX_SCOPES {
            return Err(FilterError::TooLarge);
        }
        let scopes = scopes.iter().map(|scope| scope.to_bytes());
        let binds: Vec<_> = core::iter::once(tenant.to_bytes()).chain(scopes).collect();
        let is_none = binds.len() == 1;
        let mut predicate = self.predicate(binds, dialect, first);
        if is_none {
            // An empty list is no list in SQL: it is said otherwise that no row meets the condition.
            predicate.text.push_str(" AND 1 = 0");
        }
        Ok(predicate)
    }

    fn predicate(&self, binds: Vec<[u8; 16]>, dialect: Dialect, first: u16) -> ScopePredicate {
        let sign = match dialect {
            Dialect::Sqlite => '?',
            Dialect::Postgres => '$',
        };
        let mut text = format!("{} = {sign}{first}", self.tenant);
        for (number, _) in (u32::from(first) + 1..).zip(binds.iter().skip(1)) {
            let before = if number == u32::from(first) + 1 {
                format!(" AND {} IN (", self.scope)
            } else {
                String::from(", ")
            };
            // Writing to a string does not fail.
            let _written = write!(text, "{before}{sign}{number}");
        }
        if binds.len() > 1 {
            text.push(')');
        }
        ScopePredicate { text, binds }
    }
}

impl ScopePredicate {
    /// The condition. It needs no parentheses beside an `AND`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values, in the order of their places.
    #[must_use]
    pub fn binds(&self) -> &[[u8; 16]] {
        &self.binds
    }
}

impl fmt::Debug for ScopePredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopePredicate")
            .field("text", &self.text)
            .field("binds", &self.binds.len())
            .finish()
    }
}

fn checked(name: &str) -> Result<String, ColumnError> {
    let is_name = |part: &str| {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (1..=MAX_NAME).contains(&part.len())
            && part.bytes().all(is_inner)
            && !part.starts_with(|first: char| first.is_ascii_digit())
    };
    match name.split_once('.') {
        Some((table, column)) if is_name(table) && is_name(column) => {
            Ok(format!("{}.{}", quoted(table), quoted(column)))
        }
        None if is_name(name) => Ok(quoted(name)),
        _ => Err(ColumnError(())),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
