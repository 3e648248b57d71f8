package gcpserver

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// serveREST answers what gcloud asks: POST /v1/KEY:encrypt and /v1/KEY:decrypt.
func (s *Server) serveREST(w http.ResponseWriter, r *http.Request) {
	name, verb, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), ":")
	switch {
	case r.Method == http.MethodPost && verb == "encrypt":
		request := new(kmspb.EncryptRequest)
		s.answerREST(w, r, "Encrypt", request, func(ctx context.Context) (any, error) {
			request.Name = name
			return s.Encrypt(ctx, request)
		})
	case r.Method == http.MethodPost && verb == "decrypt":
		request := new(kmspb.DecryptRequest)
		s.answerREST(w, r, "Decrypt", request, func(ctx context.Context) (any, error) {
			request.Name = name
			return s.Decrypt(ctx, request)
		})
	default:
		refuseREST(w, status.New(codes.NotFound, "no such method"))
	}
}

func (s *Server) answerREST(w http.ResponseWriter, r *http.Request, method string, request proto.Message, handle func(context.Context) (any, error)) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = protojson.Unmarshal(body, request)
	}
	if err != nil {
		refuseREST(w, status.New(codes.InvalidArgument, err.Error()))
		return
	}
	answer, err := s.pass(r.Context(), method, r.Header.Get("Authorization"), func() (any, error) { return handle(r.Context()) })
	if err != nil {
		refuseREST(w, status.Convert(err))
		return
	}
	text, err := protojson.Marshal(answer.(proto.Message))
	if err != nil {
		refuseREST(w, status.New(codes.Internal, err.Error()))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text) // the client has gone if this fails
}

// httpStatus is how Google's front end maps the codes that occur here.
var httpStatus = map[codes.Code]int{
	codes.InvalidArgument:    http.StatusBadRequest,
	codes.FailedPrecondition: http.StatusBadRequest,
	codes.Unauthenticated:    http.StatusUnauthorized,
	codes.PermissionDenied:   http.StatusForbidden,
	codes.NotFound:           http.StatusNotFound,
	codes.ResourceExhausted:  http.StatusTooManyRequests,
	codes.Internal:           http.StatusInternalServerError,
	codes.Unavailable:        http.StatusServiceUnavailable,
}

// names are the codes as REST spells them.
var names = map[codes.Code]string{
	codes.InvalidArgument:    "INVALID_ARGUMENT",
	codes.FailedPrecondition: "FAILED_PRECONDITION",
	codes.Unauthenticated:    "UNAUTHENTICATED",
	codes.PermissionDenied:   "PERMISSION_DENIED",
	codes.NotFound:           "NOT_FOUND",
	codes.ResourceExhausted:  "RESOURCE_EXHAUSTED",
	codes.Internal:           "INTERNAL",
	codes.Unavailable:        "UNAVAILABLE",
}

func refuseREST(w http.ResponseWriter, said *status.Status) {
	code := httpStatus[said.Code()]
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{ // the client has gone if this fails
		"code": code, "message": said.Message(), "status": names[said.Code()],
	}})
}
