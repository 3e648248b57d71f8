package gcpckms

import (
	"encoding/json"
	"os"
	"testing"

	"cloud.google.com/go/kms/apiv1/kmspb"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

func TestConformance(t *testing.T) {
	s := start(t)
	s.CreateKey(t, gcpserver.KeyName(project, "other"))
	s.CreateKey(t, gcpserver.KeyName(other, "app"))
	config := s.config()
	wrappertest.Run(t, wrappertest.Harness{
		New: func(t *testing.T) wrapping.Wrapper { return newWrapper(t, config) },
		WrongKey: func(t *testing.T) wrapping.Wrapper {
			c := config
			c.CryptoKey = "other"
			return newWrapper(t, c)
		},
		WrongAccount: func(t *testing.T) wrapping.Wrapper {
			c := config
			c.Project = other
			return newWrapper(t, c)
		},
		Untrusted: func(t *testing.T) wrapping.Wrapper {
			s.Distrust(t)
			t.Cleanup(s.Trust)
			return newWrapper(t, config)
		},
		Engine:  engine(s),
		Secrets: append(privateKeys(t, s), "eyJ"), // which every token begins with
		Says: map[string][]string{
			"other context":         {"Cloud KMS answered InvalidArgument: Decryption failed: the ciphertext is invalid"},
			"wrong key":             {"set project, region, key_ring and crypto_key to the key that wrapped it"},
			"wrong account":         {"set project, region, key_ring and crypto_key to the key that wrapped it"},
			"other key ID":          {`the config names "` + key + `"`, "set project, region, key_ring and crypto_key to the key that wrapped it"},
			"denied":                {"Permission 'cloudkms.cryptoKeyVersions.useTo", "gcloud kms keys add-iam-policy-binding app --keyring=sealwax --location=europe-west1 --project=sealwax-test --member=serviceAccount:" + s.account.Email},
			"disabled key":          {"is not enabled, current state is: DISABLED", "gcloud kms keys versions enable "},
			"deletion pending":      {"is not enabled, current state is: DESTROY_SCHEDULED", "gcloud kms keys versions restore "},
			"expired credentials":   {"Request had invalid authentication credentials", "gcloud iam service-accounts keys create FILE --iam-account=" + s.account.Email},
			"throttled":             {"Quota exceeded for quota metric 'Cryptographic requests'", "raise the quota"},
			"server error":          {"Cloud KMS answered Internal: Internal error encountered", "https://status.cloud.google.com"},
			"silent engine":         {"check that cloudkms.googleapis.com can be reached"},
			"connection cut":        {"check that cloudkms.googleapis.com can be reached"},
			"untrusted certificate": {"certificate signed by unknown authority", "add its authority to the system's"},
		},
	})
}

func engine(s *site) *wrappertest.Engine {
	return &wrappertest.Engine{
		Calls:    func() int { return s.Count("encrypt", "decrypt") },
		Silence:  func(*testing.T) { s.Silence() },
		Deny:     func(*testing.T) { s.Revoke(gcpserver.UseToEncrypt, gcpserver.UseToDecrypt) },
		Fail:     func(_ *testing.T, n int) { s.Fail(n) },
		Throttle: func(_ *testing.T, n int) { s.Throttle(n) },
		Cut:      func(_ *testing.T, n int) { s.Cut(n) },
		Rotate:   func(t *testing.T) { s.Rotate(t, key) },
		Disable:  func(*testing.T) { s.setAll(kmspb.CryptoKeyVersion_DISABLED) },
		Delete:   func(*testing.T) { s.setAll(kmspb.CryptoKeyVersion_DESTROY_SCHEDULED) },
		Expire:   func(*testing.T) { s.account.Revoke() },
		Reload:   func(t *testing.T) { s.account.Renew(t) },
		Restore: func(t *testing.T) {
			s.Restore()
			if s.account.Revoked() {
				s.account.Renew(t)
			}
			s.setAll(kmspb.CryptoKeyVersion_ENABLED)
		},
	}
}

// setAll gives every version of the key this state.
func (s *site) setAll(state gcpserver.State) {
	for number := range s.Versions(key) {
		s.SetState(key, number+1, state)
	}
}

// privateKeys returns lines of the account's private key, as errors could show them.
func privateKeys(t *testing.T, s *site) []string {
	t.Helper()
	b, err := os.ReadFile(s.account.File)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		PrivateKey string `json:"private_key"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	return []string{file.PrivateKey[100:140], "BEGIN PRIVATE KEY"}
}
