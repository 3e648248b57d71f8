package wrappers

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"
	"pgregory.net/rapid"
)

// full has every field that is stored.
func full() *wrapping.BlobInfo {
	return &wrapping.BlobInfo{
		//lint:ignore SA1019 deprecated fields are stored too
		Ciphertext: []byte("ciphertext"), Iv: []byte("iv"), Hmac: []byte("hmac"), Wrapped: true, ValuePath: "path",
		KeyInfo: &wrapping.KeyInfo{
			Mechanism: 1, HmacMechanism: 2, Flags: 3, KeyId: "key", HmacKeyId: "hkey", WrappedKey: []byte("wrapped"),
			KeyType: wrapping.KeyType_Aes256, KeyEncoding: wrapping.KeyEncoding_Bytes, WrappedKeyEncoding: wrapping.KeyEncoding_Pkcs8,
			KeyPurposes: []wrapping.KeyPurpose{wrapping.KeyPurpose_Encrypt, wrapping.KeyPurpose_Decrypt},
		},
	}
}

// TestBlobInfoBytes holds the bytes themselves: keystores with them are out there.
func TestBlobInfoBytes(t *testing.T) {
	for _, c := range []struct {
		info *wrapping.BlobInfo
		want string
	}{
		{&wrapping.BlobInfo{Ciphertext: []byte("c")}, "0001" + "63" + "0000" + "0000" + "00" + "0000" + "00"},
		{full(), "000a63697068657274657874" + "00026976" + "0004686d6163" + "01" + "000470617468" + "01" +
			"0000000000000001" + "0000000000000002" + "0000000000000003" +
			"00036b6579" + "0004686b6579" + "000777726170706564" +
			"00000004" + "00000003" + "00000002" + "0002" + "00000001" + "00000002"},
	} {
		w, err := wholeBlobInfo{}.store(c.info)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(w.Blob); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		back, err := wholeBlobInfo{}.load(w)
		if err != nil || !proto.Equal(back, c.info) {
			t.Errorf("got %v, %v\nwant %v", back, err, c.info)
		}
	}
}

// TestEveryFieldIsStoredOrRefused fails when a later version of the library adds a field.
func TestEveryFieldIsStoredOrRefused(t *testing.T) {
	refused := map[protoreflect.FullName]bool{"BlobInfo.plaintext": true, "BlobInfo.client_data": true, "KeyInfo.key": true}
	for _, m := range []struct {
		message protoreflect.Message
		stored  map[protoreflect.Name]bool
	}{
		{full().ProtoReflect(), blobFields},
		{full().KeyInfo.ProtoReflect(), keyFields},
	} {
		fields := m.message.Descriptor().Fields()
		for i := range fields.Len() {
			f := fields.Get(i)
			name := m.message.Descriptor().Name() + "." + f.Name()
			if m.stored[f.Name()] == refused[protoreflect.FullName(name)] {
				t.Errorf("%s is neither stored nor refused, or both", name)
			}
			if m.stored[f.Name()] && !m.message.Has(f) {
				t.Errorf("%s is missing in the test's own example", name)
			}
		}
	}
}

func TestFieldsThatWouldBeLost(t *testing.T) {
	unknown := full()
	unknown.ProtoReflect().SetUnknown(protoreflect.RawFields{0x98, 0x06, 0x01})
	data, err := structpb.NewStruct(map[string]any{"where": "db"})
	if err != nil {
		t.Fatal(err)
	}
	for want, info := range map[string]*wrapping.BlobInfo{
		"plaintext is set, which blobinfo/1 does not store":            {Ciphertext: []byte("c"), Plaintext: []byte("p")},
		"client_data is set, which blobinfo/1 does not store":          {Ciphertext: []byte("c"), ClientData: data},
		"key is set, which blobinfo/1 does not store":                  {Ciphertext: []byte("c"), KeyInfo: &wrapping.KeyInfo{Key: []byte("k")}},
		"BlobInfo has unknown fields, which blobinfo/1 does not store": unknown,
		"no ciphertext": {Iv: []byte("iv")},
	} {
		if _, err := (wholeBlobInfo{}).store(info); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

func TestBlobInfoRefusesEveryOtherSpelling(t *testing.T) {
	good := appendBlobInfo(nil, full())
	for n := range good {
		if _, err := parseBlobInfo(good[:n]); !errors.Is(err, errBlobInfo) {
			t.Errorf("cut off at %d: got %v", n, err)
		}
	}
	if _, err := parseBlobInfo(append(good, 0)); !errors.Is(err, errBlobInfo) {
		t.Errorf("one byte too many: got %v", err)
	}
	flag := appendBlobInfo(nil, &wrapping.BlobInfo{Ciphertext: []byte("c")})
	flag[len(flag)-1] = 2
	if _, err := parseBlobInfo(flag); !errors.Is(err, errBlobInfo) {
		t.Errorf("flag of 2: got %v", err)
	}
}

func TestKeyIDThatNoKeystoreHoldsStaysInTheBlob(t *testing.T) {
	info := &wrapping.BlobInfo{Ciphertext: []byte("c"), KeyInfo: &wrapping.KeyInfo{KeyId: "schlüssel"}}
	w, err := wholeBlobInfo{}.store(info)
	if err != nil || w.KeyID != "" {
		t.Fatalf("got key ID %q, %v", w.KeyID, err)
	}
	if back, err := (wholeBlobInfo{}).load(w); err != nil || back.KeyInfo.KeyId != "schlüssel" {
		t.Errorf("got %v, %v", back, err)
	}
}

func TestBlobInfoRoundTrip(t *testing.T) {
	short := rapid.SliceOfN(rapid.Byte(), 0, 40)
	rapid.Check(t, func(t *rapid.T) {
		want := &wrapping.BlobInfo{
			Ciphertext: rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "ciphertext"),
			Iv:         short.Draw(t, "iv"), Hmac: short.Draw(t, "hmac"),
			//lint:ignore SA1019 deprecated fields are stored too
			Wrapped: rapid.Bool().Draw(t, "wrapped"), ValuePath: rapid.String().Draw(t, "path"),
		}
		if rapid.Bool().Draw(t, "key info") {
			want.KeyInfo = &wrapping.KeyInfo{
				Mechanism: rapid.Uint64().Draw(t, "mechanism"), Flags: rapid.Uint64().Draw(t, "flags"),
				KeyId: rapid.String().Draw(t, "key ID"), WrappedKey: short.Draw(t, "wrapped key"),
				KeyType: wrapping.KeyType(rapid.Int32().Draw(t, "key type")),
			}
			for _, p := range rapid.SliceOfN(rapid.Int32(), 0, 5).Draw(t, "purposes") {
				want.KeyInfo.KeyPurposes = append(want.KeyInfo.KeyPurposes, wrapping.KeyPurpose(p))
			}
		}
		got, err := parseBlobInfo(appendBlobInfo(nil, want))
		if err != nil || !proto.Equal(got, want) {
			t.Fatalf("got %v, %v\nwant %v", got, err, want)
		}
	})
}

// FuzzBlobInfo: what parses is spelled in one way only.
func FuzzBlobInfo(f *testing.F) {
	f.Add(appendBlobInfo(nil, full()))
	f.Add(appendBlobInfo(nil, &wrapping.BlobInfo{Ciphertext: []byte("c")}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := parseBlobInfo(data)
		if err != nil {
			return
		}
		if again := appendBlobInfo(nil, info); !bytes.Equal(again, data) {
			t.Errorf("%x parses and is written as %x", data, again)
		}
	})
}
