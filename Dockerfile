# Nothing but the static program, certificates, and folders that nobody else can write to. `.ci/image` makes `rootfs`.
FROM scratch
ARG TARGETARCH
COPY --chown=65532:65532 rootfs/${TARGETARCH}/ /
USER 65532:65532
WORKDIR /work
# SQLite of `guard` and `purge`: mount a volume here to keep it.
ENV XDG_STATE_HOME=/state
ENTRYPOINT ["/leaksweep"]
