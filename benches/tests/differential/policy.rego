package authz

# A container of another tenant has no path here, whatever grants and guardrails say of it: that is asked first. Scopes
# match by membership in the path: the container and all that is above it.

default allow := false

rules := data.tenants[input.tenant]

path := rules.paths[input.scope]

permission := data.permissions[input.permission]

allow if {
	path
	not forbidden
	not archived
	permission.assurance <= input.assurance
	some grant in rules.grants[input.account]
	reaches(grant)
	grant.from <= input.now
	input.now < grant.until
	holds(grant)
}

forbidden if {
	some guardrail in rules.guardrails
	guardrail.at in path
	input.permission in guardrail.forbids
}

forbidden if {
	some at in rules.reading_only
	at in path
	not permission.reading
}

archived if {
	some at in rules.archived
	at in path
	not permission.on_archived
}

reaches(grant) if {
	grant.reach == "self-and-below"
	grant.at in path
}

reaches(grant) if {
	grant.reach == "below-only"
	grant.at in path
	grant.at != input.scope
}

reaches(grant) if {
	grant.reach == "self-only"
	grant.at == input.scope
}

holds(grant) if {
	input.permission in data.roles[grant.role]
}

# A tenant's own role counts where the grant stands at the role's home, or below.
holds(grant) if {
	role := rules.roles[grant.role]
	role.home in rules.paths[grant.at]
	input.permission in role.holds
}
