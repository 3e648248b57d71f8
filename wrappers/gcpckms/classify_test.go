package gcpckms

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/sealwax/sealwax/wrappers"
)

const (
	keyFlags = "--keyring=sealwax --location=europe-west1 --project=my-project"
	version2 = "projects/my-project/locations/europe-west1/keyRings/sealwax/cryptoKeys/root/cryptoKeyVersions/2"
	member   = "serviceAccount:a@x"
)

// The texts are Cloud KMS's, Google's front end's and gRPC's own, as users have reported them.
func TestClassify(t *testing.T) {
	w := newWrapper(t, Config{})
	for _, c := range []struct {
		name  string
		op    string
		err   error
		class wrappers.Class
		hint  string
	}{
		{"denied", "decrypt", refusal(codes.PermissionDenied, "Permission denied", "IAM_PERMISSION_DENIED", "permission", "cloudkms.cryptoKeyVersions.useToDecrypt"),
			wrappers.Ask, "grant it: gcloud kms keys add-iam-policy-binding root " + keyFlags + " --member=" + member + " --role=roles/cloudkms.cryptoKeyDecrypter"},
		{"denied to encrypt", "encrypt", refusal(codes.PermissionDenied, "Permission denied", ""), wrappers.Ask, "--role=roles/cloudkms.cryptoKeyEncrypterDecrypter"},
		{"denied to doctor", "inspect", refusal(codes.PermissionDenied, "Permission denied", "IAM_PERMISSION_DENIED", "permission", "cloudkms.cryptoKeys.get"), wrappers.Ask, "--role=roles/cloudkms.viewer"},
		{"API disabled", "decrypt", refusal(codes.PermissionDenied, "Cloud Key Management Service (KMS) API has not been used in project 98765 before or it is disabled.", "SERVICE_DISABLED", "consumer", "projects/98765"),
			wrappers.Ask, "gcloud services enable cloudkms.googleapis.com --project=98765"},
		{"API disabled for a strange consumer", "decrypt", refusal(codes.PermissionDenied, "disabled", "SERVICE_DISABLED", "consumer", "projects/1; reboot"), wrappers.Ask, "--project=my-project"},
		{"API disabled, before 2020", "decrypt", refusal(codes.FailedPrecondition, "Google Cloud KMS API has not been used in this project before, or it is disabled.", ""),
			wrappers.Ask, "gcloud services enable cloudkms.googleapis.com --project=my-project"},
		{"no billing", "decrypt", refusal(codes.PermissionDenied, "This API method requires billing to be enabled.", "BILLING_DISABLED"), wrappers.Ask, "switch on billing for project my-project"},
		{"bills another project", "decrypt", refusal(codes.PermissionDenied, "Caller does not have required permission to use project p.", "USER_PROJECT_DENIED"), wrappers.Ask, "roles/serviceusage.serviceUsageConsumer"},
		{"perimeter", "decrypt", refusal(codes.PermissionDenied, "Request is prohibited by organization's policy.", "SECURITY_POLICY_VIOLATED"), wrappers.Ask, "VPC Service Controls"},

		{"disabled", "decrypt", state("DISABLED"), wrappers.Ask, "gcloud kms keys versions enable 2 --key=root " + keyFlags},
		{"to be destroyed", "decrypt", state("DESTROY_SCHEDULED"), wrappers.Ask, "gcloud kms keys versions restore 2 --key=root " + keyFlags + "; gcloud kms keys versions enable 2"},
		{"destroyed", "decrypt", state("DESTROYED"), wrappers.Never, "what this version wrapped is lost"},
		{"primary destroyed", "encrypt", state("DESTROYED"), wrappers.Ask, "gcloud kms keys versions create --primary --key=root " + keyFlags},
		{"in the making", "encrypt", state("PENDING_GENERATION"), wrappers.Later, "wait until the version is made"},
		{"state of a later year", "encrypt", state("QUARANTINED"), wrappers.Ask, "gcloud kms keys versions describe 2"},
		{"other condition", "encrypt", refusal(codes.FailedPrecondition, "something of a later year", ""), wrappers.Ask, "gcloud kms keys describe root " + keyFlags},
		{"no primary", "encrypt", refusal(codes.FailedPrecondition, "projects/p/… does not have a primary version.", ""), wrappers.Ask, "gcloud kms keys versions create --primary"},

		{"another key's", "decrypt", refusal(codes.InvalidArgument, "Decryption failed: verify that 'name' refers to the correct CryptoKey.", ""), wrappers.Never, "to the key that wrapped it"},
		{"damaged", "decrypt", refusal(codes.InvalidArgument, "Decryption failed: the ciphertext is invalid.", ""), wrappers.Never, ""},
		{"damaged on the way", "encrypt", refusal(codes.InvalidArgument, "The checksum in field plaintext_crc32c did not match the data in field plaintext.", ""), wrappers.Later, "changes data"},
		{"signing key", "encrypt", refusal(codes.FailedPrecondition, "k has purpose ASYMMETRIC_SIGN, which does not permit this operation.", ""), wrappers.Ask, "purpose encryption"},
		{"signing key", "encrypt", refusal(codes.InvalidArgument, "The purpose of the key must be ENCRYPT_DECRYPT", ""), wrappers.Ask, "purpose encryption"},
		{"other argument", "encrypt", refusal(codes.InvalidArgument, "Resource name [x] does not match pattern", ""), wrappers.Ask, "check project, region, key_ring and crypto_key"},
		{"another universe", "decrypt", refusal(codes.Unauthenticated, `transport: per-RPC creds failed due to error: the configured universe domain ("example.com") does not match the universe domain found in the credentials ("googleapis.com").`, ""),
			wrappers.Ask, "unset GOOGLE_CLOUD_UNIVERSE_DOMAIN"},
		{"no key", "decrypt", refusal(codes.NotFound, "CryptoKey k not found.", ""), wrappers.Ask, "gcloud kms keys list --keyring=sealwax"},
		{"quota", "decrypt", refusal(codes.ResourceExhausted, "Quota exceeded", "RATE_LIMIT_EXCEEDED"), wrappers.Later, "raise the quota of cloudkms.googleapis.com in project my-project"},
		{"server error", "decrypt", refusal(codes.Internal, "Internal error encountered.", ""), wrappers.Later, "https://status.cloud.google.com"},
		{"overloaded", "decrypt", refusal(codes.Unavailable, "The service is currently unavailable.", ""), wrappers.Later, "check that cloudkms.googleapis.com can be reached"},
		{"timeout", "decrypt", refusal(codes.DeadlineExceeded, "context deadline exceeded", ""), wrappers.Later, "check that cloudkms.googleapis.com can be reached"},
		{"not a Cloud KMS", "decrypt", refusal(codes.Unimplemented, "unknown service", ""), wrappers.Ask, "no proxy answers in place of Cloud KMS"},

		{"expired", "decrypt", refusal(codes.Unauthenticated, "Request had invalid authentication credentials.", "ACCESS_TOKEN_EXPIRED"), wrappers.Ask, "gcloud iam service-accounts keys create FILE --iam-account=a@x"},
		{"login refused", "decrypt", refusal(codes.Unauthenticated, `transport: per-RPC creds failed due to error: auth: "invalid_grant" "Token has been expired or revoked."`, ""), wrappers.Ask, "check the clock"},
		{"login not reached", "decrypt", refusal(codes.Unauthenticated, `transport: per-RPC creds failed due to error: auth: cannot fetch token: Post "https://oauth2.googleapis.com/token": dial tcp: connection refused`, ""), wrappers.Later, "oauth2.googleapis.com"},
		{"login in trouble", "decrypt", refusal(codes.Unauthenticated, "transport: per-RPC creds failed due to error: auth: cannot fetch token: 503\nResponse: {}", ""), wrappers.Later, "oauth2.googleapis.com"},
		{"login not trusted", "decrypt", refusal(codes.Unauthenticated, `transport: per-RPC creds failed due to error: auth: cannot fetch token: Post "https://oauth2.googleapis.com/token": tls: failed to verify certificate: x509: certificate signed by unknown authority`, ""), wrappers.Ask, "add its authority to the system's"},

		{"unknown authority", "decrypt", refusal(codes.Unavailable, "connection error: desc = \"transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority\"", ""), wrappers.Ask, "add its authority to the system's"},
		{"other name", "decrypt", refusal(codes.Unavailable, "tls: failed to verify certificate: x509: certificate is valid for proxy.example.com, not cloudkms.googleapis.com", ""), wrappers.Ask, "another server answers for Google"},
		{"expired certificate", "decrypt", refusal(codes.Unavailable, "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 1970-01-01", ""), wrappers.Ask, "check the clock"},
		{"other certificate trouble", "decrypt", refusal(codes.Unavailable, "tls: failed to verify certificate: x509: cannot validate", ""), wrappers.Ask, "check the authorities of the system"},
		{"no TLS", "decrypt", refusal(codes.Unavailable, "tls: first record does not look like a TLS handshake", ""), wrappers.Ask, "no TLS is spoken there"},
		{"proxy's trouble", "decrypt", refusal(codes.Unavailable, "unexpected HTTP status code received from server: 502 (Bad Gateway)", ""), wrappers.Later, "check the proxy"},
		{"proxy is busy", "decrypt", refusal(codes.Unavailable, "unexpected HTTP status code received from server: 429 (Too Many Requests)", ""), wrappers.Later, "check the proxy"},
		{"proxy's refusal", "decrypt", refusal(codes.PermissionDenied, "unexpected HTTP status code received from server: 403 (Forbidden)", ""), wrappers.Ask, "no proxy answers in place of Cloud KMS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			class, hint := w.Classify(fmt.Errorf("wrapped: %w", &callError{op: c.op, err: c.err, answered: true, account: "a@x"}))
			if class != c.class || !strings.Contains(hint, c.hint) || c.hint == "" && hint != "" {
				t.Errorf("got %v, %q; want %v, %q", class, hint, c.class, c.hint)
			}
			if len(hint) > 500 {
				t.Errorf("a hint of %d bytes is cut off", len(hint))
			}
		})
	}
}

func TestClassifyWithoutAnAnswer(t *testing.T) {
	w := newWrapper(t, Config{})
	for _, c := range []struct {
		err   error
		class wrappers.Class
		hint  string
	}{
		{context.DeadlineExceeded, wrappers.Later, "check that cloudkms.googleapis.com can be reached on port 443"},
		{&otherKeyError{"a", "b"}, wrappers.Never, "set project, region, key_ring and crypto_key"},
		{&checksumError{"x"}, wrappers.Later, "look for a proxy or a network card that changes data"},
		{&notGrantedError{"cloudkms.cryptoKeyVersions.useToEncrypt", "a@x"}, wrappers.Ask, "--member=" + member + " --role=roles/cloudkms.cryptoKeyEncrypterDecrypter"},
		{&setupError{fmt.Errorf("credentials: could not find default credentials. See https://…")}, wrappers.Ask, "set credentials to the path of a service account's key"},
		{&setupError{errOtherKey}, wrappers.Ask, ""},
		{&callError{op: "encrypt", err: refusal(codes.PermissionDenied, "denied", "")}, wrappers.Ask, "--member=MEMBER --role=roles/cloudkms.cryptoKeyEncrypterDecrypter"},
		{&callError{op: "encrypt", err: refusal(codes.Unauthenticated, "expired", "")}, wrappers.Ask, "gcloud auth application-default login"},
		{wrappers.ErrMalformed, wrappers.Never, ""},
	} {
		class, hint := w.Classify(fmt.Errorf("wrapped: %w", c.err))
		if class != c.class || !strings.Contains(hint, c.hint) || c.hint == "" && hint != "" {
			t.Errorf("%v: got %v, %q; want %v, %q", c.err, class, hint, c.class, c.hint)
		}
	}
}

// refusal is an answer with the details that Google's front end gives: names and values in turn.
func refusal(code codes.Code, text, reason string, metadata ...string) error {
	said := status.New(code, text)
	if reason == "" {
		return said.Err()
	}
	info := &errdetails.ErrorInfo{Reason: reason, Domain: "googleapis.com", Metadata: map[string]string{}}
	for i := 0; i < len(metadata); i += 2 {
		info.Metadata[metadata[i]] = metadata[i+1]
	}
	detailed, err := said.WithDetails(info)
	if err != nil {
		panic(err)
	}
	return detailed.Err()
}

func state(name string) error {
	return refusal(codes.FailedPrecondition, version2+" is not enabled, current state is: "+name+".", "")
}

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		err      error
		answered bool
		want     string
	}{
		{refusal(codes.NotFound, "CryptoKey k not found.", ""), true, "gcpckms: decrypt: Cloud KMS answered NotFound: CryptoKey k not found."},
		{refusal(codes.Unavailable, "connection error: refused", ""), false, "gcpckms: decrypt: connection error: refused"},
		{context.Canceled, false, "gcpckms: decrypt: context canceled"},
		{refusal(codes.Unauthenticated, "transport: per-RPC creds failed due to error: auth: cannot fetch token: 400\nResponse: {\"error\": \"invalid_grant\", \"error_description\": \"Bad\", \"echo\": \"1//secret\"}", ""), false,
			"gcpckms: decrypt: transport: per-RPC creds failed due to error: auth: cannot fetch token: 400 invalid_grant Bad"},
		{refusal(codes.Unauthenticated, "auth: cannot fetch token: 502\nResponse: <html>refresh_token=1//secret\n</html>", ""), false,
			"gcpckms: decrypt: auth: cannot fetch token: 502 [an answer that is not of OAuth 2]"},
		{refusal(codes.Unknown, "unexpected HTTP status code received from server: 200 (OK)\ndata: \"<p>\\nBearer ya29.a0secret\"", ""), true,
			"gcpckms: decrypt: Cloud KMS answered Unknown: unexpected HTTP status code received from server: 200 (OK)"},
		{refusal(codes.Unavailable, `connection error: desc = "transport: Error while dialing: failed to do connect handshake, response: \"HTTP/1.1 407 Proxy Authentication Required\\r\\nX-You-Said: Basic c2VjcmV0\\r\\n\\r\\nno\""`, ""), false,
			`gcpckms: decrypt: connection error: desc = "transport: Error while dialing: failed to do connect handshake, response: HTTP/1.1 407 Proxy Authentication Required`},
		{refusal(codes.Internal, "sent eyJhbGci.eyJpc3Mi.c2-_lnbmVk and ya29.c.secret", ""), true, "gcpckms: decrypt: Cloud KMS answered Internal: sent [token] and [token]"},
	} {
		if got := (&callError{op: "decrypt", err: c.err, answered: c.answered}).Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
