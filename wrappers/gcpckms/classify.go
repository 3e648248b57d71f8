package gcpckms

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/sealwax/sealwax/wrappers"
)

// Classify knows Cloud KMS's answers by status and, where one status stands for many things, by reason or text. Whatever it
// does not know is of the network, and Later.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	var (
		setup      *setupError
		otherKey   *otherKeyError
		sum        *checksumError
		notGranted *notGrantedError
		call       *callError
	)
	switch {
	case errors.As(err, &setup):
		return wrappers.Ask, setupHint(err.Error())
	case errors.As(err, &otherKey):
		return wrappers.Never, setOtherKey
	case errors.Is(err, wrappers.ErrMalformed):
		return wrappers.Never, ""
	case errors.As(err, &sum):
		return wrappers.Later, "try again; if it stays, look for a proxy or a network card that changes data"
	case errors.As(err, &notGranted):
		return wrappers.Ask, w.grant(notGranted.permission, notGranted.account)
	case errors.As(err, &call):
		return w.classifyCall(call)
	}
	return wrappers.Later, reach
}

func setupHint(text string) string {
	if strings.Contains(text, "could not find default credentials") {
		return "set credentials to the path of a service account's key, or give an account to this machine"
	}
	return ""
}

func (w *Wrapper) classifyCall(e *callError) (wrappers.Class, string) {
	if class, hint := classifyWay(e.err.Error()); class != 0 {
		return class, hint
	}
	switch status.Code(e.err) {
	case codes.Unauthenticated:
		return w.classifyUnauthenticated(e)
	case codes.PermissionDenied:
		return w.classifyDenied(e)
	case codes.FailedPrecondition:
		return w.classifyState(e)
	case codes.InvalidArgument:
		return w.classifyArgument(e.err.Error())
	case codes.NotFound:
		return wrappers.Ask, "check project, region, key_ring and crypto_key: gcloud kms keys list " + w.config.keyFlags()
	case codes.ResourceExhausted:
		return wrappers.Later, "raise the quota of cloudkms.googleapis.com in project " + w.config.Project + ", or start fewer processes at once"
	case codes.Internal, codes.Unknown, codes.Aborted, codes.DataLoss:
		return wrappers.Later, "try again; https://status.cloud.google.com says more"
	case codes.Unimplemented, codes.OutOfRange, codes.AlreadyExists:
		return wrappers.Ask, "check that no proxy answers in place of Cloud KMS"
	}
	return wrappers.Later, reach
}

const reach = "check that cloudkms.googleapis.com can be reached on port 443, directly or through HTTPS_PROXY"

// ways are the troubles between here and Google, by a part of their text: gRPC does not pass their errors on. A token endpoint
// has the same.
var ways = []struct {
	text  string
	class wrappers.Class
	hint  string
}{
	{"certificate signed by unknown authority", wrappers.Ask, "something between here and Google answers with its own certificate: add its authority to the system's, or take it out of the way"},
	{"certificate has expired or is not yet valid", wrappers.Ask, "check the clock"},
	{"certificate is valid for", wrappers.Ask, "check DNS and HTTPS_PROXY: another server answers for Google"},
	{"failed to verify certificate", wrappers.Ask, "check the authorities of the system, and what answers for Google"},
	{"tls: first record does not look like a TLS handshake", wrappers.Ask, "check DNS and HTTPS_PROXY: no TLS is spoken there"},
	{"unexpected HTTP status code received from server: 5", wrappers.Later, "check the proxy in front of Cloud KMS"},
	{"unexpected HTTP status code received from server: 429", wrappers.Later, "check the proxy in front of Cloud KMS"},
	{"unexpected HTTP status code", wrappers.Ask, "check that no proxy answers in place of Cloud KMS"},
}

func classifyWay(text string) (wrappers.Class, string) {
	for _, known := range ways {
		if strings.Contains(text, known.text) {
			return known.class, known.hint
		}
	}
	return 0, ""
}

// ourFault are the answers of a token endpoint that the credentials are to blame for; all else is of the way to it.
var ourFault = regexp.MustCompile(`cannot fetch token: 4|invalid_|unauthorized_client|credentials:|universe domain`)

func (w *Wrapper) classifyUnauthenticated(e *callError) (wrappers.Class, string) {
	text := e.err.Error()
	if strings.Contains(text, "per-RPC creds failed") && !ourFault.MatchString(text) {
		return wrappers.Later, "check that the endpoint of the token can be reached: oauth2.googleapis.com, or the metadata server of this machine"
	}
	if strings.Contains(text, "universe domain") {
		return wrappers.Ask, "unset GOOGLE_CLOUD_UNIVERSE_DOMAIN, or use credentials of that universe"
	}
	if e.account == "" {
		return wrappers.Ask, "check the clock, and the account of this machine; a person logs in again: gcloud auth application-default login"
	}
	return wrappers.Ask, "check the clock, and that the key of " + e.account + " is still enabled; a new one: gcloud iam service-accounts keys create FILE --iam-account=" + e.account
}

func (w *Wrapper) classifyDenied(e *callError) (wrappers.Class, string) {
	reason, more := e.reason()
	switch reason {
	case "SERVICE_DISABLED":
		return wrappers.Ask, w.enable(more["consumer"])
	case "BILLING_DISABLED":
		return wrappers.Ask, "switch on billing for project " + w.config.Project
	case "USER_PROJECT_DENIED":
		return wrappers.Ask, "grant " + memberOf(e.account) + " the role roles/serviceusage.serviceUsageConsumer on the project that it bills"
	case "SECURITY_POLICY_VIOLATED":
		return wrappers.Ask, "allow this network and account in the perimeter of VPC Service Controls"
	}
	permission := more["permission"]
	if permission == "" {
		permission = e.op
	}
	return wrappers.Ask, w.grant(permission, e.account)
}

// versionState finds what Cloud KMS says of a version that it may not use.
var versionState = regexp.MustCompile(`/cryptoKeyVersions/([0-9]+) is not enabled, current state is: ([A-Z_]+)`)

func (w *Wrapper) classifyState(e *callError) (wrappers.Class, string) {
	text := e.err.Error()
	parts := versionState.FindStringSubmatch(text)
	switch {
	case strings.Contains(text, "API has not been used"): // what SERVICE_DISABLED was called before 2020
		return wrappers.Ask, w.enable("")
	case strings.Contains(text, "purpose"):
		return wrappers.Ask, w.otherPurpose()
	case parts == nil && strings.Contains(text, "primary"):
		return wrappers.Ask, "make a primary version: " + w.versionCommand("create --primary")
	case parts == nil:
		return wrappers.Ask, fmt.Sprintf("look at the key: gcloud kms keys describe %s %s", w.config.CryptoKey, w.config.keyFlags())
	}
	version := parts[1]
	switch parts[2] {
	case "DISABLED":
		return wrappers.Ask, "enable it, then run keyring rewrap if it is not the primary one: " + w.versionCommand("enable "+version)
	case "DESTROY_SCHEDULED":
		return wrappers.Ask, "restore it before it is destroyed, and enable it: " + w.versionCommand("restore "+version) + "; " + w.versionCommand("enable "+version)
	case "DESTROYED":
		if e.op == "decrypt" {
			return wrappers.Never, "what this version wrapped is lost: open with another KEK, then run keyring rewrap"
		}
		return wrappers.Ask, "make another primary version: " + w.versionCommand("create --primary")
	case "PENDING_GENERATION", "PENDING_IMPORT":
		return wrappers.Later, "wait until the version is made"
	}
	return wrappers.Ask, "look at it: " + w.versionCommand("describe "+version)
}

const setOtherKey = "set project, region, key_ring and crypto_key to the key that wrapped it"

func (w *Wrapper) classifyArgument(text string) (wrappers.Class, string) {
	switch {
	case strings.Contains(text, "refers to the correct CryptoKey"):
		return wrappers.Never, setOtherKey
	case strings.Contains(text, "Decryption failed"):
		return wrappers.Never, ""
	case strings.Contains(text, "checksum"), strings.Contains(text, "crc32c"):
		return wrappers.Later, "try again; if it stays, look for a proxy or a network card that changes data"
	case strings.Contains(text, "purpose"):
		return wrappers.Ask, w.otherPurpose()
	}
	return wrappers.Ask, "check project, region, key_ring and crypto_key"
}
