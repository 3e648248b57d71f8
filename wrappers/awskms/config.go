package awskms

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
)

// Config says which key of AWS KMS, and where the credentials are. KeyID is required; the zero value of any other field
// leaves it to the AWS variables and files, or to the machine's role. The fields AccessKey to RoleARN name sources of
// credentials: if any of them is set, nothing else is asked.
type Config struct {
	KeyID    string // key ID, alias/NAME, or the ARN of either
	Region   string // or that of the ARN, AWS_REGION, AWS_DEFAULT_REGION, ~/.aws/config, the instance's
	Endpoint string // URL; or AWS_KMS_ENDPOINT, AWS_ENDPOINT_URL_KMS, that of the region

	// AccessKey, SecretKey and SessionToken return a fixed access key: called at the first use, and again when AWS
	// refuses what they gave. The slices are cleared after use. SecretKey belongs to AccessKey; SessionToken may be nil.
	AccessKey, SecretKey, SessionToken func() ([]byte, error)

	SharedCredsFilename string // AWS_SHARED_CREDENTIALS_FILE, or ~/.aws/credentials
	SharedCredsProfile  string // AWS_PROFILE, or "default"

	WebIdentityTokenFile string // AWS_WEB_IDENTITY_TOKEN_FILE
	RoleARN              string // AWS_ROLE_ARN; the role that the web identity assumes
	RoleSessionName      string // AWS_ROLE_SESSION_NAME, or the time

	DisallowEnvVars bool // the three variables for endpoints are not read: that of STS is AWS_ENDPOINT_URL_STS
}

var (
	regionForm  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$`)
	roleForm    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,576}$`)
	sessionForm = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

// validate names fields as a config file does; Configure has the lines.
func (c *Config) validate() error {
	var errs []error
	c.check(func(setting, reason string) {
		errs = append(errs, fmt.Errorf("awskms: %s: %s", setting, reason))
	})
	return errors.Join(errs...)
}

// check calls refuse for each setting that cannot be right.
func (c *Config) check(refuse func(setting, reason string)) {
	key, ok := parseKey(c.KeyID)
	if !ok {
		refuse("kms_key_id", "must be a key ID, alias/NAME, or the ARN of a key or an alias")
	}
	switch {
	case c.Region == "":
	case !regionForm.MatchString(c.Region):
		refuse("region", "must be the name of a region, as in eu-central-1")
	case key.region != "" && key.region != c.Region:
		refuse("region", "is "+c.Region+", but kms_key_id is of "+key.region)
	}
	if c.Endpoint != "" && !isEndpoint(c.Endpoint) {
		refuse("endpoint", "must be a URL of a host alone, as in https://kms.eu-central-1.amazonaws.com")
	}
	c.checkCredentials(refuse)
}

func (c *Config) checkCredentials(refuse func(setting, reason string)) {
	if c.AccessKey != nil && c.SecretKey == nil {
		refuse("secret_key", "is missing beside access_key")
	}
	if c.SecretKey != nil && c.AccessKey == nil {
		refuse("access_key", "is missing beside secret_key")
	}
	if c.SessionToken != nil && c.AccessKey == nil && c.SecretKey == nil {
		refuse("session_token", "belongs to an access_key, which is missing")
	}
	if c.RoleARN != "" && !roleForm.MatchString(c.RoleARN) {
		refuse("role_arn", "must be the ARN of a role, as in arn:aws:iam::111122223333:role/app")
	}
	if c.RoleSessionName != "" && !sessionForm.MatchString(c.RoleSessionName) {
		refuse("role_session_name", "must be 2 to 64 letters, digits and _ + = , . @ -")
	}
}

// isEndpoint refuses a path and a query, which KMS does not have, and a password, which would be shown.
func isEndpoint(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		(u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}

// endpoint returns the URL that was asked for, "" for that of the region.
func (c *Config) endpoint() (string, error) {
	if c.Endpoint != "" {
		return c.Endpoint, nil
	}
	return c.endpointVariable("AWS_KMS_ENDPOINT", "AWS_ENDPOINT_URL_KMS")
}

// stsEndpoint is the same for the service that logs in and says who we are.
func (c *Config) stsEndpoint() (string, error) { return c.endpointVariable("AWS_ENDPOINT_URL_STS") }

// endpointVariable returns the first of these variables that is set: that of the driver, those of AWS's own tools.
func (c *Config) endpointVariable(names ...string) (string, error) {
	for _, name := range names {
		text := os.Getenv(name)
		switch {
		case text == "" || c.DisallowEnvVars:
		case !isEndpoint(text):
			return "", fmt.Errorf("awskms: the environment variable %s is not the URL of a host", name)
		default:
			return text, nil
		}
	}
	return "", nil
}
