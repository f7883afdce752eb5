#!/bin/sh
# Makes the documentation of each library, for reading in a browser, in .build/documentation. Fails on a warning of DocC's.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .build/documentation
for module in Credentials AccessControl Htpasswd LDAPDirectory APIKeys Sessions OpenIDConnect SQLiteStorage PostgreSQLStorage RegistryTokens AuthService; do
    echo "Documenting $module ..."
    swift package --allow-writing-to-directory .build/documentation generate-documentation --target "$module" \
        --output-path ".build/documentation/$module" --warnings-as-errors
done
