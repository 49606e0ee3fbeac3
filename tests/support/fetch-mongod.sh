#!/bin/sh
# Fetches the MongoDB stand-in of the tests (mongo-java-server, 6 MB of jars) into .cache, if it is missing.
set -eu

version=1.47.0
cache="$(cd "$(dirname "$0")/../.." && pwd)/.cache/mongo-java-server"
jars="$cache/$version"

if [ -e "$jars/complete" ]; then exit 0; fi
mkdir -p "$jars"

cat >"$cache/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>natter</groupId>
  <artifactId>mongo-stand-in</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>de.bwaldvogel</groupId>
      <artifactId>mongo-java-server</artifactId>
      <version>$version</version>
    </dependency>
    <dependency>
      <groupId>de.bwaldvogel</groupId>
      <artifactId>mongo-java-server-h2-backend</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
POM

mvn -q -B -f "$cache/pom.xml" dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$jars"
touch "$jars/complete"
