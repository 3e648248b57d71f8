package gcpckms

import (
	"fmt"
	"hash/crc32"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Cloud KMS and its callers send CRC32C checksums beside all data, because TLS ends in front of Cloud KMS and what stands
// there has been seen to flip bits. A root that is wrapped with one bit wrong would be lost; a KEK reads back, but names no
// cause.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns nil for what is left out of a request, whose checksum is left out too.
func checksum(b []byte) *wrapperspb.Int64Value {
	if len(b) == 0 {
		return nil
	}
	return wrapperspb.Int64(int64(crc32.Checksum(b, castagnoli)))
}

// checksumError is data that was damaged on its way to or from Cloud KMS.
type checksumError struct{ what string }

func (e *checksumError) Error() string {
	return fmt.Sprintf("gcpckms: %s: it was damaged on the way", e.what)
}

func verifyEncrypted(request *kmspb.EncryptRequest, answer *kmspb.EncryptResponse) error {
	switch {
	case !answer.VerifiedPlaintextCrc32C:
		return &checksumError{"Cloud KMS did not confirm the checksum of the plaintext"}
	case request.AdditionalAuthenticatedDataCrc32C != nil && !answer.VerifiedAdditionalAuthenticatedDataCrc32C:
		return &checksumError{"Cloud KMS did not confirm the checksum of the associated data"}
	case !matches(answer.CiphertextCrc32C, answer.Ciphertext):
		return &checksumError{"the ciphertext from Cloud KMS does not have the checksum that came with it"}
	}
	return nil
}

func verifyDecrypted(answer *kmspb.DecryptResponse) error {
	if !matches(answer.PlaintextCrc32C, answer.Plaintext) {
		return &checksumError{"the plaintext from Cloud KMS does not have the checksum that came with it"}
	}
	return nil
}

// matches refuses data without a checksum, and no data.
func matches(sum *wrapperspb.Int64Value, data []byte) bool {
	return sum != nil && len(data) > 0 && sum.Value == checksum(data).Value
}
