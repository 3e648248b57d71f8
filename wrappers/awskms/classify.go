package awskms

import (
	"cmp"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/wrappers"
)

// known are AWS's answers. Of those with a text only an answer that contains it is meant.
//
// In a hint KEY is the configured key, ID its ARN or ID, as what changes a key takes no alias, ACTION what was attempted,
// and SOURCE where credentials are looked for.
var known = []struct {
	codes []string
	text  string
	class wrappers.Class
	hint  string
}{
	{[]string{"IncorrectKeyException"}, "", wrappers.Never, "KEY is not the key that wrapped this (an alias may have moved): name that one in a block with active = false, then run keyring rewrap"},
	{[]string{"InvalidCiphertextException"}, "", wrappers.Never, ""},

	{[]string{"AccessDeniedException", "AccessDenied"}, "", wrappers.Ask, "allow ACTION on KEY in the identity's IAM policy and in the key's own, and check that the key is enabled"},
	{[]string{"DisabledException"}, "", wrappers.Ask, "enable the key: aws kms enable-key --key-id ID"},
	{[]string{"KMSInvalidStateException"}, "pending deletion", wrappers.Ask, "keep the key: aws kms cancel-key-deletion --key-id ID, then aws kms enable-key --key-id ID"},
	{[]string{"KMSInvalidStateException"}, "pending import", wrappers.Ask, "import the key's material again"},
	{[]string{"KMSInvalidStateException"}, "", wrappers.Ask, "look at the key: aws kms describe-key --key-id KEY"},
	{[]string{"NotFoundException"}, "", wrappers.Ask, "check kms_key_id, region, and the account of the credentials: there is no KEY"},
	{[]string{"InvalidKeyUsageException", "UnsupportedOperationException"}, "", wrappers.Ask, "use a symmetric encryption key (SYMMETRIC_DEFAULT)"},
	{[]string{"ValidationException", "InvalidArnException"}, "", wrappers.Ask, "check kms_key_id and region"},

	{[]string{"InvalidSignatureException", "SignatureDoesNotMatch"}, "Signature expired", wrappers.Ask, clockHint},
	{[]string{"InvalidSignatureException", "SignatureDoesNotMatch"}, "Signature not yet current", wrappers.Ask, clockHint},
	{[]string{"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"}, "", wrappers.Ask, clockHint},
	{[]string{"ExpiredTokenException", "ExpiredToken", "TokenRefreshRequired"}, "", wrappers.Ask, "put new credentials in SOURCE: they are looked for again at the next call"},
	{[]string{"InvalidIdentityToken", "IDPRejectedClaim"}, "", wrappers.Ask, "check the web identity token, its file, and the trust policy of the role"},
	{refusals, "", wrappers.Ask, "check the credentials in SOURCE, and the partition of the region"},

	{[]string{
		"ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestThrottledException", "RequestLimitExceeded",
		"TooManyRequestsException", "LimitExceededException", "PriorRequestNotComplete",
	}, "", wrappers.Later, "raise the request quota of AWS KMS, or start fewer processes at once"},
	{[]string{
		"KMSInternalException", "KeyUnavailableException", "DependencyTimeoutException", "InternalFailure", "InternalServiceError",
		"ServiceUnavailable", "ServiceUnavailableException", "IDPCommunicationError",
	}, "", wrappers.Later, laterHint},
}

const (
	clockHint = "set the clock of this machine: AWS takes no signature that is more than 5 minutes off"
	laterHint = "try again; health.aws.amazon.com says more"
)

// refusals are what AWS answers to credentials that it does not know or whose secret is wrong.
var refusals = []string{
	"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidSignatureException", "SignatureDoesNotMatch",
	"IncompleteSignature", "IncompleteSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
	"AuthFailure", "NotAuthorized", "OptInRequired",
}

// refusesCredentials reports whether other credentials might fare better. Without the right to something they would not.
func refusesCredentials(err error) bool {
	e, ok := errors.AsType[*callError](err)
	return ok && (slices.Contains(refusals, e.code) || e.code == "ExpiredTokenException" || e.code == "ExpiredToken")
}

// Classify knows AWS's answers by their codes. An answer that it does not know is Later if it is an error of the server's
// own, and for the operator if not; what is no answer is of the network.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	if errors.Is(err, wrappers.ErrMalformed) {
		return wrappers.Never, ""
	}
	if _, ok := errors.AsType[*otherKeyError](err); ok {
		return wrappers.Never, "name the key that wrapped it in kms_key_id, in a block with active = false, then run keyring rewrap"
	}
	if errors.Is(err, errNoRegion) {
		return wrappers.Ask, "set region"
	}
	if _, ok := errors.AsType[*setupError](err); ok {
		return wrappers.Ask, ""
	}
	if none, ok := errors.AsType[*noCredentialsError](err); ok {
		return w.classifyNoCredentials(none)
	}
	if call, ok := errors.AsType[*callError](err); ok {
		return w.classifyCall(call)
	}
	return w.classifyNetwork(err)
}

func (w *Wrapper) classifyCall(e *callError) (wrappers.Class, string) {
	for _, k := range known {
		if slices.Contains(k.codes, e.code) && strings.Contains(e.text, k.text) {
			return k.class, w.fill(k.hint, e)
		}
	}
	switch {
	case e.status == http.StatusTooManyRequests, e.status >= http.StatusInternalServerError:
		return wrappers.Later, laterHint
	case e.status != 0 && !(e.foreign() && e.status == http.StatusOK):
		return wrappers.Ask, "check that AWS KMS, and no proxy, answers at " + w.where()
	case e.cause != nil:
		return w.classifyNetwork(e.cause)
	}
	return wrappers.Ask, "check the credentials in " + w.sourceNames()
}

// inText finds the key that an answer is about.
var inText = regexp.MustCompile(`arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-z-]+`)

func (w *Wrapper) fill(hint string, e *callError) string {
	action := e.action
	if action == "" { // of a login
		action = "sts:AssumeRoleWithWebIdentity"
	}
	id := inText.FindString(e.text) // which an answer about a key's state has
	if key, _ := parseKey(w.config.KeyID); id == "" && key.alias == "" {
		id = w.config.KeyID
	}
	return strings.NewReplacer("KEY", w.config.KeyID, "--key-id ID", "--key-id "+cmp.Or(id, "ID"), "ACTION", action, "SOURCE", w.sourceNames()).Replace(hint)
}

// classifyNoCredentials is Later if a service that would have given some is there, or must be: a variable says so of a
// container's agent, whose errors have no status.
func (w *Wrapper) classifyNoCredentials(e *noCredentialsError) (wrappers.Class, string) {
	for _, failed := range e.failed {
		if failed.source == containersRole {
			return wrappers.Later, "check the agent that gives containers their roles"
		}
		call, ok := errors.AsType[*callError](failed.err)
		if ok && (call.status == http.StatusTooManyRequests || call.status >= http.StatusInternalServerError) {
			return wrappers.Later, laterHint
		}
	}
	return wrappers.Ask, "give the machine a role, or name credentials in the config: access_key and secret_key, shared_creds_filename or web_identity_token_file"
}
