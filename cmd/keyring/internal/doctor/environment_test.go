package doctor

import (
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

func TestAuthorities(t *testing.T) {
	f := newFake()
	c := newCase(patient(t, "eu", f))
	c.Getenv = func(name string) string {
		return map[string]string{"SSL_CERT_FILE": "/etc/own.pem", "AWS_CA_BUNDLE": "/etc/aws.pem"}[name]
	}
	wantNone(t, Examine(t.Context(), c).Findings, "environment", "authorities") // nothing is spoken to
	f.inspect = says(wrappers.Inspection{Endpoint: "https://10.0.0.1"})
	want(t, Examine(t.Context(), c).Findings, "note environment authorities: SSL_CERT_FILE is set: /etc/own.pem")
	c.Getenv = func(name string) string { return map[string]string{"AWS_CA_BUNDLE": "/etc/aws.pem"}[name] }
	wantNone(t, Examine(t.Context(), c).Findings, "environment", "authorities") // no KEK of AWS is configured
	aws := inGroup(t, wrappers.Options{Provider: "awskms"}, f)
	c.KEKs = []Patient{aws}
	want(t, Examine(t.Context(), c).Findings, "note environment authorities: AWS_CA_BUNDLE is set: /etc/aws.pem")
}

// Who set it may have forgotten it; what it holds may be a secret.
func TestVariableThatDecidesWhereTheProviderIs(t *testing.T) {
	c := newCase(inGroup(t, wrappers.Options{Provider: "awskms"}, newFake()))
	c.Getenv = func(name string) string {
		return map[string]string{"AWS_KMS_ENDPOINT": "https://me:secret@kms.example.com", "VAULT_ADDR": "https://vault.example.com"}[name]
	}
	r := Examine(t.Context(), c)
	want(t, r.Findings, "note environment variable: AWS_KMS_ENDPOINT is set |  | it decides the endpoint of every awskms block without one | set endpoint in the config, or unset AWS_KMS_ENDPOINT")
	wantNoSecret(t, r)
	for _, f := range r.Findings {
		if f.Found == "VAULT_ADDR is set" {
			t.Error("a variable of a provider that is not configured")
		}
	}
	c.Warnings = []string{"keyring.hcl:3: keyring awskms: endpoint: the environment variable AWS_KMS_ENDPOINT says something else and is ignored"}
	for _, f := range Examine(t.Context(), c).Findings {
		if f.Found == "AWS_KMS_ENDPOINT is set" {
			t.Error("a variable that is ignored decides something")
		}
	}
}
