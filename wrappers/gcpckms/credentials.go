package gcpckms

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	googleauth "cloud.google.com/go/auth/credentials"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/internal/secretfile"
)

// credentials are what is known of the credentials in use. The driver reads them once more, for itself.
type credentials struct {
	path   string // "" for the account of the machine, which its metadata server gives
	from   string // what named the path
	kind   string // "service_account"
	email  string // of the account; "" if the file does not tell
	digest [sha256.Size]byte
}

// machine is where credentials come from that are in no file.
const machine = "the account of this machine"

// readCredentials reads the file, if there is one.
func (c *Config) readCredentials() (*credentials, error) {
	found := c.findCredentials()
	if found.path == "" {
		return found, nil
	}
	if isContent(found.path) {
		return nil, fmt.Errorf("gcpckms: %s holds credentials themselves: it must be the path of a file", found.from)
	}
	content, err := secretfile.Read(found.path)
	if err != nil {
		return nil, fmt.Errorf("gcpckms: read the credentials that %s names: %w", found.from, err)
	}
	defer content.Clear()
	if err := found.parse(content); err != nil {
		return nil, fmt.Errorf("gcpckms: %s, which %s names: %w", found.path, found.from, err)
	}
	return found, nil
}

// findCredentials looks in the places, and in the order, that the driver and Google's library have.
func (c *Config) findCredentials() *credentials {
	for _, place := range []struct{ from, path string }{
		{"the config", c.Credentials},
		{"GOOGLE_CREDENTIALS", os.Getenv("GOOGLE_CREDENTIALS")},
		{"GOOGLE_APPLICATION_CREDENTIALS", os.Getenv("GOOGLE_APPLICATION_CREDENTIALS")},
		{"gcloud auth application-default login", gcloudFile()},
	} {
		if place.path != "" {
			return &credentials{path: place.path, from: place.from}
		}
	}
	return &credentials{from: machine}
}

// gcloudFile returns where gcloud puts the credentials of a person, "" if there are none.
func gcloudFile() string {
	dir := os.Getenv("APPDATA")
	if runtime.GOOS != "windows" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "" // no home, no such file
		}
		dir = filepath.Join(home, ".config")
	}
	file := filepath.Join(dir, "gcloud", "application_default_credentials.json")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// parse takes from the file what is not secret.
func (c *credentials) parse(content secret.Bytes) error {
	var file struct {
		Type         string `json:"type"`
		Email        string `json:"client_email"`
		Impersonated string `json:"service_account_impersonation_url"`
	}
	if err := json.Unmarshal(content.Expose(), &file); err != nil {
		return errors.New("is not a JSON file") // the decoder's text may quote the file
	}
	if file.Type == "" {
		return errors.New("has no \"type\": is it a service account's key?")
	}
	c.kind, c.email = file.Type, file.Email
	if account, ok := strings.CutSuffix(path.Base(file.Impersonated), ":generateAccessToken"); ok {
		c.email = account
	}
	c.digest = sha256.Sum256(content.Expose())
	return nil
}

// check has Google's library parse the file, private key included. It calls nobody.
func (c *credentials) check() error {
	if c.path == "" {
		return nil
	}
	_, err := googleauth.NewCredentialsFromFile(googleauth.CredType(c.kind), c.path, &googleauth.DetectOptions{
		Scopes:           []string{"https://www.googleapis.com/auth/cloudkms"},
		UseSelfSignedJWT: true,
	})
	if err != nil {
		return fmt.Errorf("gcpckms: %s: %w", c.path, err)
	}
	return nil
}

// String says where they come from.
func (c *credentials) String() string {
	if c.path == "" {
		return c.from
	}
	return fmt.Sprintf("%s (%s, from %s)", c.path, c.kind, c.from)
}
