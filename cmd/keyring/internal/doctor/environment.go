package doctor

import (
	"slices"
	"strings"
)

// environmentFindings are about what in the environment works against the config, or in the place of it.
func (c *Case) environmentFindings(all []*facts) []Finding {
	environment := &chart{subject: "environment"}
	for _, w := range c.Warnings {
		environment.add(Finding{Severity: Warning, Check: "variable", Found: w, Cause: "the config and the environment name the same thing",
			Effect: "this command obeys the config; the provider's own tools obey the variable", Next: "unset the variable, or make both say the same"})
	}
	if slices.ContainsFunc(all, (*facts).remote) {
		c.authorities(environment)
	}
	for _, s := range steering {
		c.steered(environment, s)
	}
	if len(environment.findings) == 0 {
		environment.ok("variable", "nothing in it is against the config")
	}
	return environment.findings
}

// steer is a setting that a variable decides for a block that does not have it.
type steer struct{ provider, setting, variable string }

var steering = []steer{
	{"awskms", "endpoint", "AWS_KMS_ENDPOINT"},
	{"awskms", "endpoint", "AWS_ENDPOINT_URL_KMS"},
	{"transit", "address", "VAULT_ADDR"},
	{"transit", "address", "VAULT_AGENT_ADDR"},
	{"transit", "namespace", "VAULT_NAMESPACE"},
}

// steered notes a variable that says where a provider is: who looks for why it is not there may not think of that. Of one
// that is ignored there is a warning. The value may hold a password.
func (c *Case) steered(ch *chart, s steer) {
	warned := slices.ContainsFunc(c.Warnings, func(w string) bool { return strings.Contains(w, " "+s.variable+" ") })
	if c.Getenv(s.variable) == "" || !c.has(s.provider) || warned {
		return
	}
	ch.add(Finding{Severity: Note, Check: "variable", Found: s.variable + " is set", Effect: "it decides the " + s.setting + " of every " + s.provider + " block without one",
		Next: "set " + s.setting + " in the config, or unset " + s.variable})
}

// authorities notes the variables that decide whose certificates are trusted.
func (c *Case) authorities(ch *chart) {
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE"} {
		value := c.Getenv(name)
		if value == "" || name == "AWS_CA_BUNDLE" && !c.has("awskms") {
			continue
		}
		ch.add(Finding{Severity: Note, Check: "authorities", Found: name + " is set: " + value,
			Effect: "only the authorities there are trusted, in place of the system's", Next: "unset " + name + " if that is not meant"})
	}
}

func (c *Case) has(provider string) bool {
	for _, p := range c.KEKs {
		if p.Provider() == provider {
			return true
		}
	}
	return false
}
