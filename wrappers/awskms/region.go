package awskms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go/aws/ec2metadata"
	"github.com/aws/aws-sdk-go/aws/session"
)

var errNoRegion = errors.New("awskms: no region: neither the config, AWS_REGION, AWS_DEFAULT_REGION, ~/.aws/config nor the instance's metadata has one")

// localRegion returns the region as far as it can be known without asking anybody, "" if it cannot.
func (c *Config) localRegion() (string, error) {
	key, _ := parseKey(c.KeyID)
	region := cmp.Or(c.Region, key.region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	if region == "" {
		sess, err := newSession("", session.SharedConfigEnable)
		if err != nil {
			return "", fmt.Errorf("awskms: look for the region in the AWS config files: %w", err)
		}
		region = *sess.Config.Region
	}
	if region != "" && !regionForm.MatchString(region) { // it becomes a part of a host's name
		return "", fmt.Errorf("awskms: %q, which the ARN of the key, AWS_REGION, AWS_DEFAULT_REGION or ~/.aws/config says, is no region", region)
	}
	return region, nil
}

// region asks the instance's metadata too. The driver would do so without a deadline, and take us-east-1 in the end.
func (c *Config) region(ctx context.Context) (string, error) {
	region, err := c.localRegion()
	if region != "" || err != nil {
		return region, err
	}
	sess, err := newSession("", session.SharedConfigDisable)
	if err != nil {
		return "", err
	}
	machine := ec2metadata.New(sess, sess.Config.Copy().WithHTTPClient(nearby(instanceTimeout)).WithMaxRetries(1))
	region, err = machine.RegionWithContext(ctx)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil || !regionForm.MatchString(region) {
		return "", errNoRegion
	}
	return region, nil
}
