# The image of the action: CPython, git, the locked dependencies and the package, all with bytecode.
#
# The release workflow passes BASE with the digest it resolved; a build by hand takes the tag. It runs as root because
# the runner mounts the workspace for root (docs.github.com, "Dockerfile support for GitHub Actions"); what parses the
# pull request gives root up itself (review/sandbox/).
ARG BASE=python:3.12-slim

# hadolint ignore=DL3006
FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock ./
RUN pip install --no-cache-dir --no-compile --disable-pip-version-check --root-user-action=ignore \
      --no-deps --only-binary=:all: --require-hashes --prefix=/install --requirement requirements.lock
COPY review ./review
COPY agents ./review/agents
# Unchecked bytecode: nothing in the image changes after this, so that no source file is looked at when it is imported.
RUN cp -R review "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib", vars={"base": "/install"}))')" \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /install

# hadolint ignore=DL3006
FROM ${BASE}
# No version of git is pinned: Debian keeps only the newest of its release, so that a pin breaks at the next fix.
# The official image comes without the standard library's bytecode; a container would compile it anew in every run.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/* \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
         -x '/(test|tests|idlelib|ensurepip|lib2to3|tkinter|turtledemo|site-packages)/' \
         "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=build /install /usr/local
LABEL org.opencontainers.image.title="Data Architecture Review" \
      org.opencontainers.image.description="Reviews pull requests to data platforms (Airflow, dbt, Spark, SQL)" \
      org.opencontainers.image.licenses="Apache-2.0"
# -I: the workspace, the pull request's own files, is the working directory, and the runner hands the job's variables on.
# Neither sys.path nor PYTHONPATH, PYTHONSTARTUP and their like may name what is in it.
ENTRYPOINT ["python", "-I", "-m", "review"]
CMD ["run"]
