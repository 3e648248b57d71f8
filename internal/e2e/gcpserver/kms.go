package gcpserver

import (
	"context"
	"fmt"
	"hash/crc32"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Permissions that the service asks for.
const (
	UseToEncrypt = "cloudkms.cryptoKeyVersions.useToEncrypt"
	UseToDecrypt = "cloudkms.cryptoKeyVersions.useToDecrypt"
	Get          = "cloudkms.cryptoKeys.get"
)

// Encrypt encrypts under the primary version.
func (s *Server) Encrypt(ctx context.Context, r *kmspb.EncryptRequest) (*kmspb.EncryptResponse, error) {
	k, err := s.authorize(r.Name, UseToEncrypt)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	plaintext := s.damaged("request", r.Plaintext)
	if err := verify("plaintext", r.PlaintextCrc32C, plaintext); err != nil {
		return nil, err
	}
	if err := verify("additional_authenticated_data", r.AdditionalAuthenticatedDataCrc32C, r.AdditionalAuthenticatedData); err != nil {
		return nil, err
	}
	if err := k.mayEncrypt(); err != nil {
		return nil, err
	}
	ciphertext := k.seal(k.primary, plaintext, r.AdditionalAuthenticatedData)
	answer := &kmspb.EncryptResponse{
		Name:                    k.versionName(k.primary),
		CiphertextCrc32C:        checksum(ciphertext),
		Ciphertext:              s.damaged("ciphertext", ciphertext),
		VerifiedPlaintextCrc32C: r.PlaintextCrc32C != nil && s.damage != "checksum",
		VerifiedAdditionalAuthenticatedDataCrc32C: r.AdditionalAuthenticatedDataCrc32C != nil && s.damage != "aad checksum",
		ProtectionLevel: kmspb.ProtectionLevel_SOFTWARE,
	}
	answer.Name = s.named(answer.Name)
	return answer, nil
}

// Decrypt decrypts under the version that the ciphertext names.
func (s *Server) Decrypt(ctx context.Context, r *kmspb.DecryptRequest) (*kmspb.DecryptResponse, error) {
	k, err := s.authorize(r.Name, UseToDecrypt)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ciphertext := s.damaged("request", r.Ciphertext)
	if err := verify("ciphertext", r.CiphertextCrc32C, ciphertext); err != nil {
		return nil, err
	}
	if err := verify("additional_authenticated_data", r.AdditionalAuthenticatedDataCrc32C, r.AdditionalAuthenticatedData); err != nil {
		return nil, err
	}
	plaintext, number, err := k.open(ciphertext, r.AdditionalAuthenticatedData)
	if err != nil {
		return nil, err
	}
	return &kmspb.DecryptResponse{
		PlaintextCrc32C: checksum(plaintext),
		Plaintext:       s.damaged("plaintext", plaintext),
		UsedPrimary:     number == k.primary,
		ProtectionLevel: kmspb.ProtectionLevel_SOFTWARE,
	}, nil
}

// GetCryptoKey shows a key.
func (s *Server) GetCryptoKey(ctx context.Context, r *kmspb.GetCryptoKeyRequest) (*kmspb.CryptoKey, error) {
	k, err := s.authorize(r.Name, Get)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := k.describe()
	shown.Name = s.named(shown.Name)
	return shown, nil
}

// TestIamPermissions returns which of the permissions asked for the caller has.
func (s *Server) TestIamPermissions(ctx context.Context, r *iampb.TestIamPermissionsRequest) (*iampb.TestIamPermissionsResponse, error) {
	answer := new(iampb.TestIamPermissionsResponse)
	for _, permission := range r.Permissions {
		if _, err := s.authorize(r.Resource, permission); err == nil {
			answer.Permissions = append(answer.Permissions, permission)
		}
	}
	return answer, nil
}

// authorize finds a key on which a permission is granted. Every account has every permission that is not revoked.
func (s *Server) authorize(name, permission string) (*key, error) {
	s.mu.Lock()
	revoked := s.revoked[permission]
	s.mu.Unlock()
	if revoked {
		return nil, denied(name, permission)
	}
	return s.find(name)
}

func denied(name, permission string) error {
	said := status.Newf(codes.PermissionDenied, "Permission '%s' denied on resource '%s' (or it may not exist).", permission, name)
	return with(said, &errdetails.ErrorInfo{
		Reason:   "IAM_PERMISSION_DENIED",
		Domain:   "cloudkms.googleapis.com",
		Metadata: map[string]string{"permission": permission, "resource": name},
	})
}

func (k *key) mayEncrypt() error {
	switch {
	case k.purpose != kmspb.CryptoKey_ENCRYPT_DECRYPT:
		return status.Errorf(codes.FailedPrecondition, "%s has purpose %s, which does not permit this operation.", k.name, k.purpose)
	case k.primary == 0:
		return status.Errorf(codes.FailedPrecondition, "%s does not have a primary version.", k.name)
	}
	return k.usable(k.primary)
}

// usable refuses a version that is not enabled, in Cloud KMS's words.
func (k *key) usable(number int) error {
	state, name := k.versions[number-1].state, k.versionName(number)
	if state == kmspb.CryptoKeyVersion_ENABLED {
		return nil
	}
	kind := "KEY_" + state.String()
	said := status.Newf(codes.FailedPrecondition, "%s is not enabled, current state is: %s.", name, state)
	return with(said, &errdetails.PreconditionFailure{
		Violations: []*errdetails.PreconditionFailure_Violation{{Type: kind, Subject: name}},
	})
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) *wrapperspb.Int64Value {
	return wrapperspb.Int64(int64(crc32.Checksum(b, castagnoli)))
}

func verify(field string, sum *wrapperspb.Int64Value, data []byte) error {
	if sum == nil || sum.Value == checksum(data).Value {
		return nil
	}
	return status.Error(codes.InvalidArgument, fmt.Sprintf("The checksum in field %s_crc32c did not match the data in field %s.", field, field))
}
