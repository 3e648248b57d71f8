package gcpckms

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Config says which key of which project. All but Credentials and UserAgent is required.
type Config struct {
	// Credentials is the path of a JSON file. Empty stands for the file that GOOGLE_CREDENTIALS names, then
	// GOOGLE_APPLICATION_CREDENTIALS, then gcloud's own, then the account of the machine.
	Credentials string

	Project   string // its ID, not its number
	Region    string // "europe-west1", "global"
	KeyRing   string
	CryptoKey string

	UserAgent string // in front of the library's own; Cloud KMS's audit log shows it
}

var (
	// A project's ID, which older organizations have behind their domain. A number would not do: Cloud KMS answers with the
	// ID, and a stanza has what it answers.
	projectID = regexp.MustCompile(`^([a-z0-9.-]{1,253}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$`)
	region    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	keyPart   = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,63}$`)
	userAgent = regexp.MustCompile(`^[ -~]{0,256}$`)
)

// validate names fields as a config file does; Configure has the lines.
func (c *Config) validate() error {
	var errs []error
	c.check(func(setting, reason string) {
		errs = append(errs, fmt.Errorf("gcpckms: %s: %s", setting, reason))
	})
	return errors.Join(errs...)
}

// check calls refuse for each setting that cannot be right.
func (c *Config) check(refuse func(setting, reason string)) {
	for _, part := range []struct {
		setting, value string
		form           *regexp.Regexp
		reason         string
	}{
		{"project", c.Project, projectID, "must be a project's ID, as in my-project-123; its number does not do"},
		{"region", c.Region, region, "must be a location of Cloud KMS, as in europe-west1"},
		{"key_ring", c.KeyRing, keyPart, "must be the name of a key ring: 1 to 63 letters, digits, _ and -"},
		{"crypto_key", c.CryptoKey, keyPart, "must be the name of a key: 1 to 63 letters, digits, _ and -"},
		{"user_agent", c.UserAgent, userAgent, "must be at most 256 printable characters"},
	} {
		if !part.form.MatchString(part.value) {
			refuse(part.setting, part.reason)
		}
	}
	if isContent(c.Credentials) {
		refuse("credentials", "must be the path of a JSON file, not its content")
	}
	if strings.EqualFold(os.Getenv(loggingVariable), "debug") {
		refuse("credentials", "the environment variable "+loggingVariable+" would have Google's library write tokens and roots to stderr: unset it")
	}
}

// loggingVariable switches on the log of Google's library. At "debug" it has every request and answer, and every token.
const loggingVariable = "GOOGLE_SDK_GO_LOGGING_LEVEL"

// isContent reports that what should be a path is a JSON document, as other tools take it. It holds a private key.
func isContent(path string) bool { return strings.HasPrefix(strings.TrimSpace(path), "{") }

// keyName returns the key's resource name.
func (c *Config) keyName() string {
	return fmt.Sprintf("projects/%s/locations/%s/keyRings/%s/cryptoKeys/%s", c.Project, c.Region, c.KeyRing, c.CryptoKey)
}

// keyFlags returns what tells gcloud the key, behind its own argument.
func (c *Config) keyFlags() string {
	return fmt.Sprintf("--keyring=%s --location=%s --project=%s", c.KeyRing, c.Region, c.Project)
}
