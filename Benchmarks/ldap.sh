#!/bin/bash
# Measures logins against a directory of 10,000 users: Latchkey beside Apache's mod_authnz_ldap and a C loop, with the
# directory on this machine, and 20 ms away in each direction.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
users=10000

echo "Preparing: $users users, slapd, a proxy that takes its time, Apache, latchkey ..."
cc -O2 -o "$work/ldaploop" "$root/Benchmarks/ldaploop.c" -lldap -llber -lpthread
cc -O2 -o "$work/delay" "$root/Benchmarks/delay.c"
for i in $(seq 0 $((users - 1))); do
    printf 'dn: uid=u%d,ou=Users,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: u%d\ncn: U\nsn: U\nuserPassword: p%d\n\n' \
        "$i" "$i" "$i"
done >"$work/entries"
sed '1i\\' -i "$work/entries"
for i in $(seq 0 $((users - 1))); do printf 'u%d:p%d\n' "$i" "$i"; done | while read -r line; do
    printf '%s' "$line" | base64 -w0 && echo
done >"$work/credentials"
one=(-H "Authorization: Basic $(head -1 "$work/credentials")")
SLAPD_ENTRIES=$work/entries "$root/fixtures/slapd.sh" "$work/slapd" ldap://127.0.0.1:19389/ >"$work/slapd.log" 2>&1 &
processes+=($!)
wait_for open 19389
"$work/delay" 19390 19389 20 &
processes+=($!)
wait_for open 19390

mkdir -p "$work/html" "$work/apache"
echo ok >"$work/html/verify"
modules=/usr/lib/apache2/modules
# apache PORT DIRECTORY-PORT CACHE-ENTRIES
apache() {
    mkdir "$work/apache/$1"
    cat >"$work/apache/$1.conf" <<END
ServerRoot "$work/apache/$1"
ServerName localhost
Listen 127.0.0.1:$1
PidFile "$work/apache/$1/pid"
ErrorLog "$work/apache/$1/log"
DefaultRuntimeDir "$work/apache/$1"
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authn_core_module $modules/mod_authn_core.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule authz_user_module $modules/mod_authz_user.so
LoadModule auth_basic_module $modules/mod_auth_basic.so
LoadModule ldap_module $modules/mod_ldap.so
LoadModule authnz_ldap_module $modules/mod_authnz_ldap.so
User www-data
Group www-data
StartServers 2
ThreadsPerChild 64
ThreadLimit 64
MaxRequestWorkers 256
DocumentRoot "$work/html"
MaxKeepAliveRequests 0
KeepAlive On
LDAPCacheEntries $3
LDAPOpCacheEntries $3
LDAPCacheTTL 600
<Directory "$work/html">
    AuthType Basic
    AuthName x
    AuthBasicProvider ldap
    AuthLDAPURL "ldap://127.0.0.1:$2/ou=Users,dc=example,dc=org?uid?sub"
    AuthLDAPBindDN "cn=latchkey,dc=example,dc=org"
    AuthLDAPBindPassword service-password
    Require valid-user
</Directory>
END
    apache2 -DFOREGROUND -f "$work/apache/$1.conf" >/dev/null 2>&1 &
    processes+=($!)
    wait_for curl -sf "${one[@]}" "http://127.0.0.1:$1/verify"
}
# serve PORT DIRECTORY-PORT CACHE-LIFETIME
serve() {
    cat >"$work/$1.yaml" <<END
http:
  port: $1
  auth:
    ldap:
      urls: [ldap://127.0.0.1:$2]
      baseDN: ou=Users,dc=example,dc=org
      subtreeSearch: true
      bindDN: cn=latchkey,dc=example,dc=org
      bindPassword: service-password
    cache: { lifetime: $3 }
    failDelay: 0
log: { level: warning }
END
    (cd "$work" && exec "$latchkey" serve --config "$work/$1.yaml") 2>"$work/$1.log" &
    processes+=($!)
    wait_for curl -sf "${one[@]}" "http://127.0.0.1:$1/auth/verify"
}
apache 19391 19389 0
apache 19392 19389 1024
apache 19393 19390 0
serve 19394 19389 0
serve 19395 19389 60
serve 19396 19390 0
rotation=(-s "$root/Benchmarks/users.lua")
export CREDENTIALS=$work/credentials

echo
echo "$(nproc) cores, $connections connections, $seconds s each; wrk, slapd and the proxy run on the same cores."
echo
alone=$("$work/ldaploop" ldap://127.0.0.1:19389 $users $connections "$seconds")
printf '%-44s %10.0f/s\n' "slapd alone, C loop of $connections threads" "$alone"
load "Apache, uncached" http://127.0.0.1:19391/verify "${rotation[@]}"
apache_uncached=$rate
load "latchkey, nothing remembered" http://127.0.0.1:19394/auth/verify "${rotation[@]}"
uncached=$rate
load "Apache, from its cache" http://127.0.0.1:19392/verify "${one[@]}"
apache_cached=$rate
load "latchkey, remembered" http://127.0.0.1:19395/auth/verify "${one[@]}"
cached=$rate
far=$("$work/ldaploop" ldap://127.0.0.1:19390 $users $connections "$seconds")
printf '%-44s %10.0f/s\n' "20 ms away: C loop of $connections threads" "$far"
load "20 ms away: Apache, uncached" http://127.0.0.1:19393/verify "${rotation[@]}"
apache_far=$rate
load "20 ms away: latchkey, nothing remembered" http://127.0.0.1:19396/auth/verify "${rotation[@]}"
latchkey_far=$rate

echo
row "figure" "here" "to reach"
row "directory login : Apache, uncached" "$(ratio "$uncached" "$apache_uncached")" ">= 1.2"
row "directory login : slapd alone" "$(ratio "$uncached" "$alone")" ""
row "remembered : Apache, from its cache" "$(ratio "$cached" "$apache_cached")" ">= 2.5"
row "20 ms away, login : Apache, uncached" "$(ratio "$latchkey_far" "$apache_far")" ">= 1.4"
row "20 ms away, login : C loop" "$(ratio "$latchkey_far" "$far")" ">= 0.9"
