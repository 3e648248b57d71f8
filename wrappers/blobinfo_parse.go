package wrappers

import (
	"encoding/binary"
	"errors"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
)

var errBlobInfo = errors.New("not a " + SchemeBlobInfo)

// parseBlobInfo reads what appendBlobInfo writes and nothing else.
func parseBlobInfo(data []byte) (*wrapping.BlobInfo, error) {
	r := reader{rest: data}
	//lint:ignore SA1019 Wrapped and ValuePath are deprecated by the library, but an old wrapper may still set them
	info := &wrapping.BlobInfo{Ciphertext: r.bytes(), Iv: r.bytes(), Hmac: r.bytes(), Wrapped: r.flag(), ValuePath: string(r.bytes())}
	if r.flag() {
		info.KeyInfo = r.keyInfo()
	}
	if r.bad || len(r.rest) > 0 || len(info.Ciphertext) == 0 {
		return nil, errBlobInfo
	}
	return info, nil
}

// reader takes fields off the front. After one that is not there, bad is set and all others are empty.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) keyInfo() *wrapping.KeyInfo {
	key := &wrapping.KeyInfo{
		Mechanism: r.uint64(), HmacMechanism: r.uint64(), Flags: r.uint64(),
		KeyId: string(r.bytes()), HmacKeyId: string(r.bytes()), WrappedKey: r.bytes(),
		KeyType:            wrapping.KeyType(r.uint32()),
		KeyEncoding:        wrapping.KeyEncoding(r.uint32()),
		WrappedKeyEncoding: wrapping.KeyEncoding(r.uint32()),
	}
	for n := r.uint16(); n > 0 && !r.bad; n-- {
		key.KeyPurposes = append(key.KeyPurposes, wrapping.KeyPurpose(r.uint32()))
	}
	return key
}

// take returns the next n bytes, n zeros when there are fewer: n is at most 64 KiB.
func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.rest, r.bad = nil, true
		return make([]byte, n)
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) uint32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) uint64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

// bytes returns nil for an empty field, as protobuf does.
func (r *reader) bytes() []byte {
	n := int(r.uint16())
	if n == 0 || n > len(r.rest) {
		r.bad = r.bad || n > 0
		return nil
	}
	return r.take(n)
}

func (r *reader) flag() bool {
	b := r.take(1)[0]
	r.bad = r.bad || b > 1
	return b == 1
}
