# Nothing but the static program, certificates, and folders to write to. `.ci/image` makes `rootfs`.
FROM scratch
ARG TARGETARCH
COPY rootfs/${TARGETARCH}/ /
USER 65532:65532
WORKDIR /work
# SQLite of `guard` and `purge`: mount a volume here to keep it.
ENV XDG_STATE_HOME=/state
ENTRYPOINT ["/leaksweep"]
