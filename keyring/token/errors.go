package token

import (
	"errors"

	"github.com/sealwax/sealwax/internal/jws"
)

// Why a token is refused. Test with errors.Is; the text says more. Only ErrExpired and those after it speak of a token that
// somebody with the key has signed.
var (
	// ErrMalformed: it is not a token in the one spelling that there is.
	ErrMalformed = jws.ErrMalformed
	// ErrAlgorithm: it names an algorithm that its key is not for, or that no key is for.
	ErrAlgorithm = jws.ErrAlgorithm
	// ErrUnknownKey: there is no verification key of its kid. A ring may not have seen a new one yet, and looks soon.
	ErrUnknownKey = errors.New("token: unknown key")
	// ErrCompromised: its key is marked compromised, so anybody may have signed it.
	ErrCompromised = errors.New("token: its key is compromised")
	// ErrKeyRefused: its key is there and not to be believed now: not active yet, withdrawn, retired for too long, damaged.
	ErrKeyRefused = errors.New("token: its key is not to be believed")
	// ErrSignature: the signature is not one of its key.
	ErrSignature = jws.ErrSignature

	// ErrExpired: its time is over.
	ErrExpired = errors.New("token: expired")
	// ErrNotYetValid: its time has not begun.
	ErrNotYetValid = errors.New("token: not yet valid")
	// ErrIssuer: it is of another issuer.
	ErrIssuer = errors.New("token: wrong issuer")
	// ErrAudience: it is for somebody else.
	ErrAudience = errors.New("token: wrong audience")
	// ErrClaims: a claim is missing, is not what it must be, or promises more than a token may.
	ErrClaims = errors.New("token: unacceptable claims")
)
