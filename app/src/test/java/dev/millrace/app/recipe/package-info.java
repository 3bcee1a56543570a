/// What ships with the recipes is what the code makes.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.recipe;
