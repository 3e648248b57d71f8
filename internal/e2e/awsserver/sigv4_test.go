package awsserver

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The example of AWS's documentation of Signature Version 4.
func TestSignatureOfTheDocumentation(t *testing.T) {
	r := httptest.NewRequest("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("X-Amz-Date", "20150830T123600Z")
	by := signed{accessKeyID: "AKIDEXAMPLE", date: "20150830", region: "us-east-1", service: "iam", headers: []string{"content-type", "host", "x-amz-date"}}
	canonical := by.canonical(r, nil)
	sum := sha256.Sum256([]byte(canonical))
	if got, want := hex.EncodeToString(sum[:]), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"; got != want {
		t.Errorf("canonical request: got hash %s, want %s, of\n%s", got, want, canonical)
	}
	got := by.sign("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", canonical)
	if want := "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"; got != want {
		t.Errorf("signature: got %s, want %s", got, want)
	}
}

func TestAuthenticate(t *testing.T) {
	s := New(nil)
	defer s.Close()
	creds := s.NewCredentials("111122223333")
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) // no hour at which the day changes
	s.SetSkew(time.Until(now))
	for _, c := range []struct {
		name   string
		change func(header map[string]string, by *signed)
		body   string
		want   string // "" for accepted
	}{
		{"as it should be", func(map[string]string, *signed) {}, "{}", ""},
		{"other body", func(map[string]string, *signed) {}, "{} ", "InvalidSignatureException"},
		{"other header", func(h map[string]string, _ *signed) { h["X-Amz-Target"] = "TrentService.Decrypt" }, "{}", "InvalidSignatureException"},
		{"other token", func(h map[string]string, _ *signed) { h["X-Amz-Security-Token"] = "x" }, "{}", "UnrecognizedClientException"},
		{"no token", func(h map[string]string, _ *signed) { h["X-Amz-Security-Token"] = "" }, "{}", "UnrecognizedClientException"},
		{"unknown key", func(_ map[string]string, by *signed) { by.accessKeyID = "AKIDNOBODY" }, "{}", "UnrecognizedClientException"},
		{"other service", func(_ map[string]string, by *signed) { by.service = "sts" }, "{}", "InvalidSignatureException"},
		{"other region", func(_ map[string]string, by *signed) { by.region = "us-east-1" }, "{}", "InvalidSignatureException"},
		{"header not signed", func(_ map[string]string, by *signed) {
			by.headers = []string{"host", "x-amz-date", "x-amz-security-token"}
		}, "{}", "InvalidSignatureException"},
		{"other day", func(_ map[string]string, by *signed) { by.date = "20150830" }, "{}", "IncompleteSignatureException"},
		{"old", func(h map[string]string, _ *signed) { h["X-Amz-Date"] = now.Add(-6 * time.Minute).Format(timeForm) }, "{}", "InvalidSignatureException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			by := signed{creds.AccessKeyID, now.Format("20060102"), "eu-central-1", "kms", []string{"host", "x-amz-date", "x-amz-security-token", "x-amz-target"}, ""}
			header := map[string]string{"X-Amz-Date": now.Format(timeForm), "X-Amz-Security-Token": creds.SessionToken, "X-Amz-Target": "TrentService.Encrypt"}
			r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
			for name, value := range header {
				r.Header.Set(name, value)
			}
			by.signature = by.sign(creds.SecretAccessKey, header["X-Amz-Date"], by.canonical(r, []byte("{}")))
			c.change(header, &by)
			for name, value := range header {
				r.Header.Set(name, value)
			}
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+by.accessKeyID+"/"+by.date+"/"+by.region+"/"+by.service+"/aws4_request, SignedHeaders="+strings.Join(by.headers, ";")+", Signature="+by.signature)
			who, region, refused := s.authenticate(r, []byte(c.body), "kms")
			switch {
			case c.want == "" && (refused != nil || who.AccessKeyID != creds.AccessKeyID || region != "eu-central-1"):
				t.Errorf("got %v, %v, %s", refused, who, region)
			case c.want != "" && (refused == nil || refused.code != c.want):
				t.Errorf("got %v, want %s", refused, c.want)
			}
		})
	}
	if _, _, refused := s.authenticate(httptest.NewRequest("POST", "/", nil), nil, "kms"); refused == nil || refused.code != "MissingAuthenticationTokenException" {
		t.Errorf("without a signature: got %v", refused)
	}
}
