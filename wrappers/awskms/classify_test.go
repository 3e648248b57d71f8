package awskms

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/request"

	"github.com/sealwax/sealwax/wrappers"
)

func TestClassify(t *testing.T) {
	answered := func(status int, code, text string) error {
		return newCallError("kms:Decrypt", awserr.NewRequestFailure(awserr.New(code, text, nil), status, "request-id"))
	}
	unsent := func(cause error) error {
		return newCallError("kms:Decrypt", awserr.New(request.ErrCodeRequestError, "send request failed", &url.Error{Op: "Post", URL: "https://kms", Err: cause}))
	}
	w := newWrapper(t, Config{KeyID: "alias/app", Region: "eu-central-1"})
	if _, err := w.connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err   error
		class wrappers.Class
		hint  string
	}{
		{answered(400, "IncorrectKeyException", ""), wrappers.Never, "alias/app is not the key that wrapped this (an alias may have moved)"},
		{answered(400, "InvalidCiphertextException", ""), wrappers.Never, ""},
		{answered(400, "AccessDeniedException", "User: x is not authorized"), wrappers.Ask, "allow kms:Decrypt on alias/app in the identity's IAM policy and in the key's own, and check that the key is enabled"},
		{answered(400, "DisabledException", ""), wrappers.Ask, "enable the key: aws kms enable-key --key-id ID"},
		{answered(400, "DisabledException", keyARN+" is disabled."), wrappers.Ask, "enable the key: aws kms enable-key --key-id " + keyARN},
		{answered(400, "KMSInvalidStateException", keyARN+" is pending deletion."), wrappers.Ask, "keep the key: aws kms cancel-key-deletion --key-id " + keyARN + ", then aws kms enable-key --key-id " + keyARN},
		{answered(400, "KMSInvalidStateException", "arn is pending import."), wrappers.Ask, "import the key's material again"},
		{answered(400, "KMSInvalidStateException", "arn is creating."), wrappers.Ask, "look at the key: aws kms describe-key"},
		{answered(400, "NotFoundException", ""), wrappers.Ask, "check kms_key_id, region, and the account of the credentials: there is no alias/app"},
		{answered(400, "InvalidKeyUsageException", ""), wrappers.Ask, "use a symmetric encryption key"},
		{answered(400, "ValidationException", ""), wrappers.Ask, "check kms_key_id and region"},
		{answered(400, "ThrottlingException", "Rate exceeded"), wrappers.Later, "raise the request quota"},
		{answered(500, "KMSInternalException", ""), wrappers.Later, "try again"},
		{answered(400, "KeyUnavailableException", ""), wrappers.Later, "try again"},
		{answered(400, "DependencyTimeoutException", ""), wrappers.Later, "try again"},
		{answered(503, "Whatever", ""), wrappers.Later, "try again"},
		{answered(429, "Whatever", ""), wrappers.Later, "try again"},
		{answered(418, "Whatever", ""), wrappers.Ask, "check that AWS KMS, and no proxy, answers at https://kms.eu-central-1.amazonaws.com"},
		{answered(400, "UnrecognizedClientException", "The security token included in the request is invalid."), wrappers.Ask, "check the credentials in access_key and secret_key"},
		{answered(403, "InvalidClientTokenId", ""), wrappers.Ask, "check the credentials in access_key and secret_key"},
		{answered(400, "InvalidSignatureException", "The request signature we calculated does not match"), wrappers.Ask, "check the credentials in"},
		{answered(400, "InvalidSignatureException", "Signature expired: 20261122T000000Z is now earlier than"), wrappers.Ask, "set the clock of this machine"},
		{answered(400, "InvalidSignatureException", "Signature not yet current: 20261122T"), wrappers.Ask, "set the clock of this machine"},
		{answered(400, "RequestExpired", ""), wrappers.Ask, "set the clock of this machine"},
		{answered(400, "ExpiredTokenException", "The security token included in the request is expired"), wrappers.Ask, "put new credentials in access_key and secret_key: they are looked for again"},
		{newCallError("", awserr.NewRequestFailure(awserr.New("AccessDenied", "Not authorized", nil), 403, "")), wrappers.Ask, "allow sts:AssumeRoleWithWebIdentity on"},
		{newCallError("", awserr.New("SharedCredsLoad", "failed to get profile", nil)), wrappers.Ask, "check the credentials in"},
		{unsent(x509.UnknownAuthorityError{}), wrappers.Ask, "set AWS_CA_BUNDLE"},
		{unsent(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "kms"}), wrappers.Ask, "check endpoint: the certificate"},
		{unsent(x509.CertificateInvalidError{Reason: x509.Expired}), wrappers.Ask, "set the clock of this machine, or have the certificate renewed"},
		{unsent(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), wrappers.Ask, "check endpoint: no TLS"},
		{unsent(http.ErrSchemeMismatch), wrappers.Ask, "check endpoint: no TLS"},
		{unsent(&net.OpError{Op: "remote error", Err: tls.AlertError(40)}), wrappers.Ask, "check endpoint: TLS is refused"},
		{unsent(&net.DNSError{Name: "kms.eu-moon-1.amazonaws.com", IsNotFound: true}), wrappers.Later, "check region and endpoint, and the DNS: it knows no kms.eu-moon-1.amazonaws.com"},
		{unsent(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), wrappers.Later, "check that this machine reaches AWS KMS at https://kms.eu-central-1.amazonaws.com"},
		{unsent(context.DeadlineExceeded), wrappers.Later, "check that this machine reaches AWS KMS"},
		{io.ErrUnexpectedEOF, wrappers.Later, "check that this machine reaches AWS KMS"},
		{&setupError{errNoRegion}, wrappers.Ask, "set region"},
		{wrappers.ErrMalformed, wrappers.Never, ""},
	} {
		class, hint := w.Classify(fmt.Errorf("wrapped: %w", c.err))
		if class != c.class || !strings.HasPrefix(hint, c.hint) || c.hint == "" && hint != "" {
			t.Errorf("Classify(%v): got %v, %q; want %v, %q", c.err, class, hint, c.class, c.hint)
		}
	}
}

func TestErrorIsOneLine(t *testing.T) {
	err := newCallError("kms:Encrypt", awserr.NewRequestFailure(awserr.New("AccessDeniedException", "no\n\n"+strings.Repeat("é", 400), nil), 400, "id"))
	text := err.Error()
	if strings.Contains(text, "\n") || len(text) > 380 || !strings.HasPrefix(text, "awskms: kms:Encrypt: AWS answered 400 AccessDeniedException: no éé") || !strings.HasSuffix(text, "é…") {
		t.Errorf("got %q", text)
	}
}

func TestHintsBeforeTheFirstUse(t *testing.T) {
	w := newWrapper(t, Config{})
	if _, hint := w.Classify(io.EOF); hint != "check that this machine reaches AWS KMS at its endpoint" {
		t.Errorf("got %q", hint)
	}
	if _, hint := w.Classify(&callError{code: "SharedCredsLoad"}); hint != "check the credentials in the config" {
		t.Errorf("got %q", hint)
	}
}
