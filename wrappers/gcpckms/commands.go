package gcpckms

import (
	"fmt"
	"regexp"
	"strings"
)

// The commands that hints name, with this key's names in them: an operator pastes them.

// grant returns the command that grants no more than what is needed for a permission, or for an operation of ours.
func (w *Wrapper) grant(permission, account string) string {
	role := "cryptoKeyEncrypterDecrypter"
	switch {
	case permission == "decrypt" || strings.HasSuffix(permission, ".useToDecrypt"):
		role = "cryptoKeyDecrypter"
	case permission == "inspect" || strings.HasSuffix(permission, ".get"):
		role = "viewer"
	}
	return fmt.Sprintf("grant it: gcloud kms keys add-iam-policy-binding %s %s --member=%s --role=roles/cloudkms.%s", w.config.CryptoKey, w.config.keyFlags(), memberOf(account), role)
}

// memberOf returns an account as IAM policies name it.
func memberOf(account string) string {
	if account == "" {
		return "MEMBER"
	}
	return "serviceAccount:" + account
}

// consumer is a project, by ID or number, and nothing that a shell would take for more.
var consumer = regexp.MustCompile(`^projects/([a-z0-9.:-]+)$`)

// enable takes what Google calls the consumer, "projects/123": the project of the account, which need not be the key's.
func (w *Wrapper) enable(said string) string {
	project := w.config.Project
	if parts := consumer.FindStringSubmatch(said); parts != nil {
		project = parts[1]
	}
	return "enable the API, and try again a few minutes later: gcloud services enable cloudkms.googleapis.com --project=" + project
}

// versionCommand returns a command about a version of the key.
func (w *Wrapper) versionCommand(what string) string {
	return fmt.Sprintf("gcloud kms keys versions %s --key=%s %s", what, w.config.CryptoKey, w.config.keyFlags())
}

func (w *Wrapper) otherPurpose() string {
	return "use a key with the purpose encryption: gcloud kms keys create KEY " + w.config.keyFlags() + " --purpose=encryption"
}
