// Package awskms wraps the root with a symmetric key of AWS KMS. The key never leaves KMS.
//
// # For operators
//
// Make a key and, if you like, an alias for it:
//
//	$ aws kms create-key --description sealwax --query KeyMetadata.Arn --output text
//	arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
//	$ aws kms create-alias --alias-name alias/sealwax --target-key-id 1234abcd-12ab-34cd-56ef-1234567890ab
//
// give the identity of the processes this policy, and no other right to the key:
//
//	{
//	  "Version": "2012-10-17",
//	  "Statement": [{
//	    "Effect": "Allow",
//	    "Action": ["kms:Encrypt", "kms:Decrypt"],
//	    "Resource": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
//	    "Condition": {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["sealwax-keystore", "sealwax-root"]},
//	                  "Null": {"kms:EncryptionContext:sealwax-keystore": "false"}}
//	  }, {
//	    "Effect": "Allow",
//	    "Action": ["kms:DescribeKey", "kms:GetKeyRotationStatus"],
//	    "Resource": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
//	  }]
//	}
//
// and name the key in the config:
//
//	keyring "awskms" {
//	  region     = "eu-central-1"
//	  kms_key_id = "alias/sealwax"
//	}
//
// The second statement is for keyring doctor alone. A process that only reads the keystore needs no kms:Encrypt. Once the
// keystore exists, {"StringEquals": {"kms:EncryptionContext:sealwax-keystore": "ITS ID"}} as the condition of the first
// keeps the key to that one keystore. The key's own policy must let IAM policies decide, as the one that create-key makes
// does; or it names the role itself, which is stricter and needs no IAM policy:
//
//	{
//	  "Sid": "sealwax",
//	  "Effect": "Allow",
//	  "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
//	  "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:GetKeyRotationStatus"],
//	  "Resource": "*"
//	}
//
// Settings, all those of Nomad: kms_key_id (required: an ID, alias/NAME, or the ARN of either), region, endpoint, access_key,
// secret_key, session_token, shared_creds_filename, shared_creds_profile, web_identity_token_file, role_arn,
// role_session_name, disallow_env_vars, key_not_required. The three secrets are the text itself, file:// and an absolute
// path, or env:// and a variable. role_arn is for a web identity; without one it is an error. key_not_required changes
// nothing, as no start asks for the key. disallow_env_vars means the variables for endpoints, which are AWS_KMS_ENDPOINT,
// AWS_ENDPOINT_URL_KMS and AWS_ENDPOINT_URL_STS.
//
// Credentials come from what the block names, and then from nowhere else: access_key and secret_key, a web identity token
// with its role_arn, a shared credentials file or profile. A block that names none takes, in this order, a web identity from
// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, which is then the only one, the variables AWS_ACCESS_KEY_ID and so on,
// ~/.aws/credentials, the role of the container or of the instance. When AWS refuses credentials they are looked for again,
// once a call, so files may be replaced while a process runs. The region is that of the block, of the key's ARN, of
// AWS_REGION, AWS_DEFAULT_REGION, ~/.aws/config or the instance. HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE,
// AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT are obeyed. What the block gives wins over variables. Over an http://
// endpoint the root travels in clear: that is for a loopback address alone.
//
// What it costs: one request (Decrypt) to unwrap, which is what a start needs, after the login if credentials are of a web
// identity or a role; two to wrap, of which one reads back; at most three more for keyring doctor. In 2026 a key is 1 USD a
// month and 10,000 requests 0.03 USD, the first 20,000 of a month free: a thousand starts a day are at most 0.09 USD a month.
//
// Rotating the key at KMS, by itself every year or by aws kms rotate-key-on-demand, changes nothing here: old stanzas open,
// since KMS keeps what it needs, and KMS does not say which version made a blob, so status shows none. Run `keyring rewrap`
// to have the root wrapped by the newest one. An alias that is moved to another key is no rotation: the old stanza opens no
// more through it, and the error names what to do. Stored is the key's ARN, so that renaming an alias does no harm.
//
// A multi-region key (mrk-…) opens what its replica in another region wrapped: give the block there the other region, and
// kms_key_id without one (the key's ID or alias) or the replica's ARN.
//
// To move elsewhere, add the other KEK's block, run `keyring rewrap`, remove this block, run `keyring rewrap` again; to
// move here, the same the other way round. A stanza can be unwrapped by hand: its blob is what KMS returned, and the
// encryption context names the keystore and its root:
//
//	$ aws kms decrypt --key-id alias/sealwax --ciphertext-blob fileb://blob \
//	    --encryption-context sealwax-keystore=…,sealwax-root=…
//
// # How it works
//
// The official go-kms-wrapping driver turns the settings into a client, and this package encrypts and decrypts through it,
// because the driver ignores contexts, opens a connection for each call, binds associated data to an envelope of its own
// and not at KMS, and accepts a blob of any key of the account. Calls obey the caller's context, name the key, and are sent
// once: the KEK retries.
package awskms

import (
	"context"
	"errors"
	"sync"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Provider is what configs call this package.
const Provider = "awskms"

// scheme is written into keystores: the ciphertext is KMS's own blob, associated data is its encryption context.
const scheme = "aws-kms/1"

// A Wrapper encrypts and decrypts with one key of AWS KMS. It is safe for concurrent use. It is connected at its first use,
// so that making one needs neither AWS nor files.
type Wrapper struct {
	config Config

	mu     sync.Mutex
	conn   *conn // nil until the first use
	closed bool
}

var (
	_ wrapping.Wrapper    = (*Wrapper)(nil)
	_ wrappers.Schemer    = (*Wrapper)(nil)
	_ wrappers.Classifier = (*Wrapper)(nil)
	_ wrappers.Checker    = (*Wrapper)(nil)
	_ wrappers.Inspector  = (*Wrapper)(nil)
)

// New returns a wrapper for a key. It checks the config and calls nobody.
func New(config Config) (*Wrapper, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	return &Wrapper{config: config}, nil
}

// Type returns "awskms".
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return Provider, nil }

// KeyId returns the key as it was configured. What is stored is the ARN that KMS answers.
func (w *Wrapper) KeyId(context.Context) (string, error) { return w.config.KeyID, nil }

// SetConfig refuses: New and Configure return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, errors.New("awskms: a wrapper is configured by its constructor")
}

// Scheme returns "aws-kms/1".
func (w *Wrapper) Scheme() string { return scheme }

// Check reads what the config names, and AWS's variables and files. It calls nobody, so of a role it proves nothing.
func (w *Wrapper) Check(ctx context.Context) error {
	if err := w.config.checkClient(); err != nil {
		return &setupError{err}
	}
	return w.config.checkFiles(ctx)
}

// Close closes idle connections. Calls that are under way may go on.
func (w *Wrapper) Close() error {
	w.mu.Lock()
	conn := w.conn
	w.conn, w.closed = nil, true
	w.mu.Unlock()
	if conn != nil {
		conn.close()
	}
	return nil
}

// connect returns the connection, making it if there is none. It may ask the instance for its region, and nobody else.
func (w *Wrapper) connect(ctx context.Context) (*conn, error) {
	if conn, err := w.current(); conn != nil || err != nil {
		return conn, err
	}
	region, err := w.config.region(ctx)
	if err != nil {
		return nil, &setupError{err}
	}
	made, err := newConn(&w.config, region)
	if err != nil {
		return nil, &setupError{err}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil && !w.closed {
		w.conn = made // another call may have been first, which must not have waited for a lock
	}
	return w.conn, w.usable()
}

func (w *Wrapper) current() (*conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conn, w.usable()
}

func (w *Wrapper) usable() error {
	if w.closed {
		return &setupError{errors.New("awskms: used after Close")}
	}
	return nil
}

// where returns what is talked to, for hints.
func (w *Wrapper) where() string {
	if conn, _ := w.current(); conn != nil {
		return conn.kms.Endpoint
	}
	return "its endpoint"
}

// sourceNames returns where credentials are looked for, for hints.
func (w *Wrapper) sourceNames() string {
	if conn, _ := w.current(); conn != nil {
		return conn.login.names()
	}
	return "the config"
}
