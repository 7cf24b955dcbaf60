//! List filters as SQL.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::FilterError;
use skeleton_tenancy_tree::ScopeColumns;
use skeleton_tenancy_tree::ScopePredicate;

use super::answers::ScopeFilter;

impl ScopeFilter<'_> {
    /// The condition of exactly the rows that the filter holds. The tenant always comes first; the first value is bound
    /// to the place `first`, counted from 1.
    ///
    /// Nothing is a condition that no row meets, everything one on the tenant alone.
    ///
    /// # Errors
    ///
    /// [`FilterError::TooLarge`] if more than 4 096 containers would have to be named, never a list that was cut.
    ///
    /// # Security
    ///
    /// The names of the columns were checked when they were named; values are only bound.
    pub fn to_sql(
        &self,
        dialect: Dialect,
        columns: &ScopeColumns,
        first: u16,
    ) -> Result<ScopePredicate, FilterError> {
        let tenant = self.tree.tenant();
        if self.is_everything() {
            return Ok(columns.tenant(tenant, dialect, first));
        }
        if self.len() > ScopeColumns::MAX_SCOPES {
            return Err(FilterError::TooLarge);
        }
        let scopes: Vec<ContainerId> = self.nodes().filter_map(|node| self.tree.id(node)).collect();
        columns.containers(tenant, &scopes, dialect, first)
    }
}
