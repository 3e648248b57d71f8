package awskms

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go/aws/credentials"
)

// login holds the credentials in use, and knows where to look for them.
//
// The SDK's own credentials.Credentials is not used: it asks without the caller's context, in a goroutine that a silent
// metadata service keeps for ever, and beneath a lock that then keeps everybody else.
type login struct {
	sources []source // asked in this order; the first one that has some wins
	// turn holds one token, taken by who looks at the fields below. It is a channel because who has it may be waiting
	// for a service, and others wait for that no longer than their contexts allow.
	turn  chan struct{}
	value credentials.Value
	from  source
}

// source is a place where credentials may be.
type source struct {
	name     string // for people
	provider credentials.Provider
}

func newLogin(sources []source) *login {
	return &login{sources: sources, turn: make(chan struct{}, 1)}
}

func (l *login) enter(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *login) leave() { <-l.turn }

// get returns the credentials, which it looks for at the first use and when they have come to their end.
func (l *login) get(ctx context.Context) (credentials.Value, error) {
	if err := l.enter(ctx); err != nil {
		return credentials.Value{}, err
	}
	defer l.leave()
	if l.value.HasKeys() && !l.from.provider.IsExpired() {
		return l.value, nil
	}
	return l.value, l.lookFor(ctx)
}

// renew looks for credentials once more, after AWS refused used, and reports whether there are others by now.
func (l *login) renew(ctx context.Context, used credentials.Value) (credentials.Value, bool) {
	if l.enter(ctx) != nil {
		return used, false
	}
	defer l.leave()
	if l.value != used {
		return l.value, l.value.HasKeys() // another call was refused too, and has looked already
	}
	if l.lookFor(ctx) != nil {
		return used, false // the refusal that made us look is what the operator needs to see
	}
	return l.value, !sameKeys(l.value, used)
}

func sameKeys(a, b credentials.Value) bool {
	return a.AccessKeyID == b.AccessKeyID && a.SecretAccessKey == b.SecretAccessKey && a.SessionToken == b.SessionToken
}

// lookFor asks the sources in turn. Without an answer it leaves what there was.
func (l *login) lookFor(ctx context.Context) error {
	var failed []*sourceError
	for _, s := range l.sources {
		value, err := s.ask(ctx)
		if err == nil {
			l.value, l.from = value, s
			return nil
		}
		failed = append(failed, &sourceError{s.name, err})
	}
	if len(failed) == 1 {
		return failed[0]
	}
	return &noCredentialsError{failed}
}

func (s source) ask(ctx context.Context) (credentials.Value, error) {
	var (
		value credentials.Value
		err   error
	)
	if p, ok := s.provider.(credentials.ProviderWithContext); ok {
		value, err = p.RetrieveWithContext(ctx)
	} else {
		value, err = s.provider.Retrieve()
	}
	if err != nil {
		return credentials.Value{}, newCallError("", err)
	}
	return value, nil
}

// seen returns where the credentials in use come from, and when they end: zero if never, or if that is not known.
func (l *login) seen(ctx context.Context) (from string, ends time.Time) {
	if l.enter(ctx) != nil {
		return "", time.Time{}
	}
	defer l.leave()
	if e, ok := l.from.provider.(credentials.Expirer); ok {
		ends = e.ExpiresAt()
	}
	return l.from.name, ends
}

// names says where is looked.
func (l *login) names() string {
	var names []string
	for _, s := range l.sources {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// sourceError says which source gave no credentials.
type sourceError struct {
	source string
	err    error
}

func (e *sourceError) Error() string {
	return fmt.Sprintf("awskms: no credentials in %s: %v", e.source, e.err)
}
func (e *sourceError) Unwrap() error { return e.err }

// noCredentialsError says that none of several sources has any.
type noCredentialsError struct{ failed []*sourceError }

func (e *noCredentialsError) Error() string {
	var texts []string
	for _, failed := range e.failed {
		texts = append(texts, fmt.Sprintf("%s: %v", failed.source, failed.err))
	}
	return "awskms: no credentials anywhere: " + strings.Join(texts, "; ")
}
