# The operator's image by a container engine:
#
#   docker build --tag example.com/seraphim-operator:0.1.0 --build-arg COMMIT="$(git describe --always --dirty --abbrev=12)" .
#
# Packages come from hack/setup and the file system from hack/image, which also makes the image that the tests run, so that both hold
# the same files. What stands here besides is compared with hack/image by tests/unit/operator/dockerfile_test.cpp.
FROM debian:12 AS build
WORKDIR /source
# What changes rarely comes first, so that its layers are kept.
COPY hack/setup hack/setup
COPY hack/lib hack/lib
RUN hack/setup --image
COPY . .
ARG COMMIT=""
RUN cmake --preset release -DSERAPHIM_BUILD_TESTS=OFF -DSERAPHIM_COMMIT="$COMMIT"
RUN cmake --build --preset release --target seraphim-operator
RUN hack/image seraphim-operator:build build/release/controller/seraphim-operator --ca-certificates --time-zones --strip --root /image

FROM scratch
LABEL org.opencontainers.image.title="seraphim-operator" \
      org.opencontainers.image.description="Kubernetes operator that rolls out model servers by evidence" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
ENV PATH=/usr/local/bin:/usr/bin:/bin
WORKDIR /
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/seraphim-operator"]
