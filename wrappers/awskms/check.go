package awskms

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go/aws/session"
)

// checkClient makes everything that a call needs, and throws it away.
func (c *Config) checkClient() error {
	region, err := c.localRegion()
	if err != nil {
		return err
	}
	if region != "" {
		_, err := newConn(c, region)
		return err
	}
	sess, err := newSession("", session.SharedConfigDisable)
	if err != nil {
		return err
	}
	_, err = c.sources(sess) // without a region the driver would ask the instance for one
	return err
}

// checkFiles reads the credentials that the config names, and asks nobody.
func (c *Config) checkFiles(ctx context.Context) error {
	var named []source
	if c.AccessKey != nil {
		named = append(named, c.accessKey())
	}
	if c.SharedCredsFilename != "" || c.SharedCredsProfile != "" {
		named = append(named, c.sharedFile())
	}
	for _, s := range named {
		if _, err := s.ask(ctx); err != nil {
			return &sourceError{s.name, err}
		}
	}
	if c.WebIdentityTokenFile == "" {
		return nil
	}
	if _, err := tokenFile(c.WebIdentityTokenFile).FetchToken(ctx); err != nil {
		return &setupError{fmt.Errorf("awskms: web_identity_token_file: %w", err)}
	}
	return nil
}
