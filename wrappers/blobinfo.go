package wrappers

import (
	"encoding/binary"
	"errors"
	"fmt"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/sealwax/sealwax/internal/names"
)

// SchemeBlobInfo is the scheme of wrappers that have none of their own.
const SchemeBlobInfo = "blobinfo/1"

// wholeBlobInfo stores every field of a BlobInfo that a wrapper may need again:
//
//	ciphertext, iv, hmac             bytes
//	wrapped                          1 byte, 0 or 1
//	value path                       string
//	key info                         1 byte, 0 or 1; if 1:
//	  mechanism, hmac mechanism, flags   8 bytes each
//	  key ID, hmac key ID                string
//	  wrapped key                        bytes
//	  key type, key encoding, wrapped key encoding   4 bytes each
//	  key purposes                       2 bytes, how many; 4 bytes each
//
// Strings and bytes stand behind their length in 2 bytes; everything is big-endian. Protobuf's own encoding would not
// do: it has several spellings, and which one is written changes with the library.
//
// Not stored, and refused if set: plaintext and the clear key, which have no place in a file, and client data, which is
// the client's, that is ours.
type wholeBlobInfo struct{}

func (wholeBlobInfo) store(info *wrapping.BlobInfo) (*Wrapped, error) {
	if len(info.GetCiphertext()) == 0 {
		return nil, errors.New("no ciphertext")
	}
	if err := onlyStored(info.ProtoReflect(), blobFields); err != nil {
		return nil, err
	}
	if err := onlyStored(info.GetKeyInfo().ProtoReflect(), keyFields); err != nil {
		return nil, err
	}
	w := &Wrapped{Scheme: SchemeBlobInfo, Blob: appendBlobInfo(nil, info)}
	if id := info.GetKeyInfo().GetKeyId(); names.IsText(id) {
		w.KeyID = id // for people to read; the wrapper gets the one in the blob
	}
	_, err := wholeBlobInfo{}.load(w)
	return w, err
}

func (wholeBlobInfo) load(w *Wrapped) (*wrapping.BlobInfo, error) {
	if w.Scheme != SchemeBlobInfo {
		return nil, malformed("scheme %q, this KEK opens %q", w.Scheme, SchemeBlobInfo)
	}
	if err := checkSizes(w); err != nil {
		return nil, err
	}
	info, err := parseBlobInfo(w.Blob)
	if err != nil {
		return nil, malformed("%v", err)
	}
	return info, nil
}

var (
	blobFields = map[protoreflect.Name]bool{"ciphertext": true, "iv": true, "hmac": true, "wrapped": true, "value_path": true, "key_info": true}
	keyFields  = map[protoreflect.Name]bool{
		"mechanism": true, "hmac_mechanism": true, "flags": true, "key_id": true, "hmac_key_id": true, "wrapped_key": true,
		"key_type": true, "key_encoding": true, "wrapped_key_encoding": true, "key_purposes": true,
	}
)

// onlyStored refuses a message with a field that would be lost, also one that a later version of the library adds.
func onlyStored(m protoreflect.Message, known map[protoreflect.Name]bool) error {
	var err error
	m.Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if !known[field.Name()] {
			err = fmt.Errorf("%s is set, which %s does not store", field.FullName().Name(), SchemeBlobInfo)
		}
		return err == nil
	})
	if err == nil && len(m.GetUnknown()) > 0 {
		err = fmt.Errorf("%s has unknown fields, which %s does not store", m.Descriptor().Name(), SchemeBlobInfo)
	}
	return err
}

func appendBlobInfo(dst []byte, info *wrapping.BlobInfo) []byte {
	dst = appendBytes(dst, info.Ciphertext)
	dst = appendBytes(dst, info.Iv)
	dst = appendBytes(dst, info.Hmac)
	//lint:ignore SA1019 deprecated by the library, but an old wrapper may still set it
	dst = appendFlag(dst, info.Wrapped)
	//lint:ignore SA1019 as above
	dst = appendBytes(dst, []byte(info.ValuePath))
	dst = appendFlag(dst, info.KeyInfo != nil)
	if info.KeyInfo != nil {
		dst = appendKeyInfo(dst, info.KeyInfo)
	}
	return dst
}

func appendKeyInfo(dst []byte, key *wrapping.KeyInfo) []byte {
	for _, n := range []uint64{key.Mechanism, key.HmacMechanism, key.Flags} {
		dst = binary.BigEndian.AppendUint64(dst, n)
	}
	for _, b := range [][]byte{[]byte(key.KeyId), []byte(key.HmacKeyId), key.WrappedKey} {
		dst = appendBytes(dst, b)
	}
	for _, n := range []int32{int32(key.KeyType), int32(key.KeyEncoding), int32(key.WrappedKeyEncoding)} {
		dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(key.KeyPurposes)))
	for _, p := range key.KeyPurposes {
		dst = binary.BigEndian.AppendUint32(dst, uint32(p))
	}
	return dst
}

// appendBytes writes a wrong length for more than 64 KiB. store refuses that blob, since it is over MaxBlob.
func appendBytes(dst, b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(b))), b...)
}

func appendFlag(dst []byte, set bool) []byte {
	if set {
		return append(dst, 1)
	}
	return append(dst, 0)
}
