package awskms

import (
	"encoding/base64"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/awskms"
)

// javaScript is AWS's own JavaScript SDK as a second client of an engine.
type javaScript struct {
	url   string
	creds awsserver.Credentials
}

// step is one command, and what is wanted of it: an error by AWS's name, or none.
type step struct {
	Command string         `json:"command"`
	Input   map[string]any `json:"input"`
	want    string
}

// run sends the commands and returns what each came to.
func (j javaScript) run(t *testing.T, steps ...step) []map[string]any {
	t.Helper()
	env := append(os.Environ(), "AWS_ENDPOINT_URL_KMS="+j.url, "AWS_REGION="+region,
		"AWS_ACCESS_KEY_ID="+j.creds.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+j.creds.SecretAccessKey, "AWS_SESSION_TOKEN="+j.creds.SessionToken)
	var results []map[string]any
	kektest.Node(t, env, "aws.mjs", steps, &results)
	if len(results) != len(steps) {
		t.Fatalf("got %v, want %d results", results, len(steps))
	}
	for i, r := range results {
		got, _ := r["error"].(string)
		if got != steps[i].want || got != "" && r["known"] != true {
			t.Errorf("%s with %v: got %v, want error %q", steps[i].Command, steps[i].Input, r, steps[i].want)
		}
	}
	return results
}

// ourContext is what the provider binds kektest.AAD to.
var ourContext = map[string]string{
	"sealwax-keystore": "00000000-0000-4000-8000-000000000001",
	"sealwax-root":     "00000000-0000-4000-8000-000000000002",
}

func decryptStep(key string, blob []byte, context map[string]string, want string) step {
	return step{"Decrypt", map[string]any{"KeyId": key, "CiphertextBlob": base64.StdEncoding.EncodeToString(blob), "EncryptionContext": context}, want}
}

// exchange has each client open what the other one wrapped.
func exchange(t *testing.T, js javaScript, c awskms.Config) {
	t.Helper()
	k := newKEK(t, c)
	ours := wrap(t, k)
	other := map[string]string{"sealwax-keystore": ourContext["sealwax-keystore"], "sealwax-root": ourContext["sealwax-keystore"]}
	got := js.run(t,
		step{"Encrypt", map[string]any{"KeyId": c.KeyID, "Plaintext": base64.StdEncoding.EncodeToString(root), "EncryptionContext": ourContext}, ""},
		decryptStep(c.KeyID, ours.Blob, ourContext, ""),
		decryptStep(c.KeyID, ours.Blob, other, "InvalidCiphertextException"),
		decryptStep(c.KeyID, ours.Blob, nil, "InvalidCiphertextException"),
		decryptStep("alias/other", ours.Blob, ourContext, "IncorrectKeyException"),
		step{"Encrypt", map[string]any{"KeyId": "alias/nowhere", "Plaintext": "AAAA"}, "NotFoundException"},
	)
	theirs := &wrappers.Wrapped{Scheme: ours.Scheme, KeyID: got[0]["KeyId"].(string)}
	blob, err := base64.StdEncoding.DecodeString(got[0]["CiphertextBlob"].(string))
	if err != nil {
		t.Fatal(err)
	}
	theirs.Blob = blob
	wantOpen(t, k, theirs)
	if plaintext := got[1]["Plaintext"]; plaintext != base64.StdEncoding.EncodeToString(root) || got[1]["KeyId"] != ours.KeyID {
		t.Errorf("the SDK opened %v under %v, want what we wrapped under %s", plaintext, got[1]["KeyId"], ours.KeyID)
	}
}

func TestJavaScriptSDKOnFake(t *testing.T) {
	f := newFake(t)
	js := javaScript{f.URL, f.used}
	exchange(t, js, f.config())

	f.RotateEvery(f.app, 365)
	key := map[string]any{"KeyId": "alias/app"}
	blob := wrap(t, newKEK(t, f.config())).Blob
	got := js.run(t, step{"DescribeKey", key, ""}, step{"GetKeyRotationStatus", map[string]any{"KeyId": f.app}, ""},
		step{"GetKeyRotationStatus", key, "NotFoundException"}) // which takes no alias
	if m := got[0]["KeyMetadata"].(map[string]any); m["Arn"] != f.app || m["KeyState"] != "Enabled" || m["MultiRegion"] != false {
		t.Errorf("DescribeKey: got %v", m)
	}
	if got[1]["KeyRotationEnabled"] != true || got[1]["RotationPeriodInDays"] != 365.0 {
		t.Errorf("GetKeyRotationStatus: got %v", got[1])
	}

	f.Rotate(f.app)
	js.run(t, decryptStep("alias/app", blob, ourContext, ""))
	f.Disable(f.app)
	js.run(t, decryptStep("alias/app", blob, ourContext, "DisabledException"))
	f.Delete(f.app)
	js.run(t, decryptStep("alias/app", blob, ourContext, "KMSInvalidStateException"))
	f.Enable(f.app)
	f.Throttle(1)
	js.run(t, decryptStep("alias/app", blob, ourContext, "ThrottlingException"), decryptStep("alias/app", blob, ourContext, ""))
	f.Fail(1)
	js.run(t, decryptStep("alias/app", blob, ourContext, "KMSInternalException"))
	f.Deny()
	js.run(t, decryptStep("alias/app", blob, ourContext, "AccessDeniedException"))
	f.Restore()
	f.Expire(f.used)
	js.run(t, decryptStep("alias/app", blob, ourContext, "ExpiredTokenException"))
	js.creds.SecretAccessKey = "wrong"
	js.run(t, decryptStep("alias/app", blob, ourContext, "InvalidSignatureException"))
	js.creds.AccessKeyID = "ASIANOBODY"
	js.run(t, decryptStep("alias/app", blob, ourContext, "UnrecognizedClientException"))
}

func TestJavaScriptSDKOnLocalKMS(t *testing.T) {
	l := newLocalKMS(t, account, (*httptest.Server).Start)
	creds := awsserver.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "hush", SessionToken: "hush"}
	file := filepath.Join(t.TempDir(), "credentials")
	writeCredentials(t, file, creds)
	js := javaScript{l.URL, creds}
	exchange(t, js, awskms.Config{KeyID: "alias/app", Region: region, Endpoint: l.URL, SharedCredsFilename: file})
	got := js.run(t, step{"DescribeKey", map[string]any{"KeyId": "alias/app"}, ""})
	if m := got[0]["KeyMetadata"].(map[string]any); m["Arn"] != l.app {
		t.Errorf("DescribeKey: got %v", m)
	}
}
