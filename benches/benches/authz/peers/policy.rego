package authz

default allow := false

allow if {
	some at in data.paths[input.scope]
	some role in data.held[at]
	data.roles[role][input.permission]
}
