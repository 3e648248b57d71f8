module github.com/sealwax/sealwax/internal/bench

go 1.26.0

require (
	github.com/sealwax/sealwax v0.0.0
	github.com/tink-crypto/tink-go/v2 v2.9.0
)

require (
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/getsops/sops/v3 v3.10.2 // indirect
	github.com/gofrs/flock v0.13.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/go-kms-wrapping/v2 v2.0.24 // indirect
	github.com/hashicorp/go-secure-stdlib/parseutil v0.2.0 // indirect
	github.com/hashicorp/go-secure-stdlib/strutil v0.1.2 // indirect
	github.com/hashicorp/go-sockaddr v1.0.7 // indirect
	github.com/hashicorp/go-uuid v1.0.3 // indirect
	github.com/mitchellh/mapstructure v1.5.0 // indirect
	github.com/ryanuber/go-glob v1.0.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/time v0.15.0 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
)

replace github.com/sealwax/sealwax => ../..
