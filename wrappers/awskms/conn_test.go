package awskms

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

func TestNothingIsSentTwice(t *testing.T) {
	a := answering(t, 500, `{"__type": "KMSInternalException", "message": "again"}`)
	w := newWrapper(t, Config{Endpoint: a.URL})
	_, err := w.Encrypt(t.Context(), []byte("root"))
	wantError(t, w, err, "awskms: kms:Encrypt: AWS answered 500 KMSInternalException: again", wrappers.Later, "try again")
	if n := len(a.seen()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// The driver opens a connection for each call.
func TestConnectionIsKeptAndClosed(t *testing.T) {
	var opened atomic.Int32
	closed := make(chan struct{}, 10)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(encrypted)) }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			opened.Add(1)
		case http.StateClosed:
			closed <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	w := newWrapper(t, Config{Endpoint: server.URL})
	for range 10 {
		if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for 10 calls, want 1", n)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Error("the connection is open after Close")
	}
}

// A KEK's calls have a deadline; those of others end too.
func TestCallWithoutADeadlineEnds(t *testing.T) {
	over := make(chan struct{})
	silent := answeringWith(t, func(http.ResponseWriter, seen) { <-over })
	defer close(over)
	w := newWrapper(t, Config{Endpoint: silent.URL})
	conn, err := w.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client := conn.kms.Client.Config.HTTPClient
	if client.Timeout != 30*time.Second {
		t.Errorf("timeout of a request: got %v, want 30s", client.Timeout)
	}
	client.Timeout = 50 * time.Millisecond
	_, err = w.Encrypt(context.Background(), []byte("root"))
	wantError(t, w, err, "Client.Timeout exceeded", wrappers.Later, "check that this machine reaches AWS KMS at "+silent.URL)
}

func TestRegion(t *testing.T) {
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut:
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
			w.Write([]byte("token"))
		case strings.HasSuffix(r.URL.Path, "instance-identity/document"):
			w.Write([]byte(`{"region": "ap-south-1"}`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(metadata.Close)
	for _, c := range []struct {
		name   string
		config Config
		env    map[string]string
		file   string
		want   string // "": none
	}{
		{"the block", Config{KeyID: keyID, Region: "eu-west-1"}, map[string]string{"AWS_REGION": "us-east-1"}, "", "eu-west-1"},
		{"the ARN", Config{KeyID: keyARN}, map[string]string{"AWS_REGION": "us-east-1"}, "", "eu-central-1"},
		{"AWS_REGION", Config{KeyID: keyID}, map[string]string{"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2"}, "", "us-east-1"},
		{"AWS_DEFAULT_REGION", Config{KeyID: keyID}, map[string]string{"AWS_DEFAULT_REGION": "us-east-2"}, "[default]\nregion = us-west-1\n", "us-east-2"},
		{"the file", Config{KeyID: keyID}, nil, "[default]\nregion = us-west-1\n", "us-west-1"},
		{"the instance", Config{KeyID: keyID}, map[string]string{"AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.URL}, "", "ap-south-1"},
		{"nothing", Config{KeyID: keyID}, nil, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			noVariables(t)
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			if c.file != "" {
				write(t, os.Getenv("AWS_CONFIG_FILE"), c.file)
			}
			got, err := c.config.region(t.Context())
			if got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// The environment may be broken in ways that only the SDK knows.
func TestEnvironmentThatIsBroken(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config
		env    map[string]string
		want   string
	}{
		{"config file", Config{KeyID: keyID}, map[string]string{"AWS_CONFIG_FILE": "BROKEN"}, "awskms: look for the region in the AWS config files: "},
		{"region", Config{KeyID: keyID}, map[string]string{"AWS_REGION": "example.com/"}, `awskms: "example.com/", which the ARN of the key, AWS_REGION, AWS_DEFAULT_REGION or ~/.aws/config says, is no region`},
		{"region of the file", Config{KeyID: keyID}, map[string]string{"AWS_CONFIG_FILE": "REGION"}, `awskms: "eu_central", which`},
		{"the driver's", Config{KeyID: keyARN}, map[string]string{"AWS_SDK_LOAD_CONFIG": "1", "AWS_CONFIG_FILE": "BROKEN"}, "awskms: make a client from the config and the AWS_* variables: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			noVariables(t)
			for name, value := range c.env {
				if text := map[string]string{"BROKEN": "[default\n", "REGION": "[default]\nregion = eu_central\n"}[value]; text != "" {
					value = filepath.Join(t.TempDir(), "config")
					write(t, value, text)
				}
				t.Setenv(name, value)
			}
			w := plainWrapper(t, c.config)
			_, err := w.Encrypt(t.Context(), []byte("root"))
			wantError(t, w, err, c.want, wrappers.Ask, "")
			wantError(t, w, w.Check(t.Context()), c.want, wrappers.Ask, "")
		})
	}
}

func TestNoRegion(t *testing.T) {
	noVariables(t)
	w := plainWrapper(t, Config{KeyID: keyID})
	_, err := w.Encrypt(t.Context(), []byte("root"))
	wantError(t, w, err, "awskms: no region: neither the config, AWS_REGION,", wrappers.Ask, "set region")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.config.region(ctx); err != context.Canceled {
		t.Errorf("with a context that has ended: got %v", err)
	}
}

// With neither region nor credentials the instance would be asked for both, by the driver or by us.
func TestCheckCallsNobody(t *testing.T) {
	a := answering(t, 500, "")
	w := newWrapper(t, Config{Endpoint: a.URL})
	if err := w.Check(t.Context()); err != nil {
		t.Error(err)
	}
	noVariables(t)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", a.URL)
	if err := plainWrapper(t, Config{KeyID: keyID, Endpoint: a.URL}).Check(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(a.seen()); n != 0 {
		t.Errorf("%d requests, want 0", n)
	}
}
