//! The macro that declares a catalogue.

/// Declares what a product protects: resources with their permissions, policies, and standard roles.
///
/// A permission becomes a type in the module of its resource (`account::Read`), a policy and a role become
/// constants, and the catalogue becomes a type with `NAME`, `VERSION` and `catalogue()`.
///
/// ```
/// mod permissions {
///     skeleton_authz::permissions! {
///         /// Everything the bank protects.
///         pub catalogue Bank "bank" version 1;
///
///         /// Bank accounts.
///         resource account "account" {
///             32 => Read "read" [read, on_archived];
///             33 => Open "open";
///             /// Needs a second factor that is at most five minutes old.
///             34 => TransferOwnership "transfer-ownership" [sensitive, aal2, max_age = 300];
///         }
///
///         policy AccountReading   "account-reading"   { account::Read }
///         policy AccountServicing "account-servicing" { account::Open, account::TransferOwnership }
///         role   AccountManager   "account-manager"   { AccountReading, AccountServicing }
///     }
/// }
/// use permissions::Bank;
/// use permissions::account;
/// use skeleton_authz::Permission;
///
/// assert_eq!(account::Open::NAME, "account:open");
/// let catalogue = Bank::catalogue();
/// let manager = catalogue.role(&permissions::AccountManager.name()).unwrap();
/// assert!(manager.permissions().contains(account::Open::ID));
/// ```
///
/// * The number is the permission's bit: 32 to 1023, once in a catalogue, and never given to another
///   permission after it was published. Bits 0 to 31 are those of [`skeleton`](crate::skeleton), whose
///   permissions a policy names by their paths.
/// * The attributes are `read`, `sensitive`, `on_archived`, `aal2`, `aal3` and `max_age = <seconds>`:
///   see [`Attributes`](crate::Attributes).
/// * `retired { 35 => "account:freeze"; }` withdraws a permission that was published: neither its bit nor its name
///   is ever used again.
/// * Names are written in kebab-case. There are no wildcards: a new permission joins no policy by itself.
/// * Items come in any order, each may have documentation. A catalogue of more than some hundred items needs
///   a higher `recursion_limit`.
///
/// A bit used twice does not compile:
///
/// ```compile_fail
/// skeleton_authz::permissions! {
///     pub catalogue Bank "bank" version 1;
///     resource account "account" { 32 => Read "read"; 32 => Open "open"; }
/// }
/// ```
///
/// Nor does an unknown permission, nor a name that is not in kebab-case:
///
/// ```compile_fail
/// skeleton_authz::permissions! {
///     pub catalogue Bank "bank" version 1;
///     resource account "account" { 32 => Read "read"; }
///     policy Reading "reading" { account::Peek }
/// }
/// ```
///
/// ```compile_fail
/// skeleton_authz::permissions! {
///     pub catalogue Bank "bank" version 1;
///     resource account "Account" { 32 => Read "read"; }
/// }
/// ```
#[macro_export]
macro_rules! permissions {
    (
        $(#[$meta:meta])*
        $vis:vis catalogue $name:ident $text:literal version $version:literal;
        $($items:tt)*
    ) => {
        $crate::__permissions! {
            [$(#[$meta])* $vis $name $text $version] [] [] [] [] $($items)*
        }
    };
}

/// Takes the items of a catalogue one by one, and declares the catalogue when none is left.
#[doc(hidden)]
#[macro_export]
macro_rules! __permissions {
    (
        [$(#[$head:meta])* $vis:vis $catalogue:ident $text:literal $version:literal]
        [$($resources:ident)*] [$($policies:ident)*] [$($roles:ident)*] [$($retired:tt)*]
        $(#[$meta:meta])*
        resource $module:ident $resource:literal { $($permissions:tt)* }
        $($rest:tt)*
    ) => {
        $crate::__resource! {
            __product $(#[$meta])* $vis $module $resource { $($permissions)* }
        }
        $crate::__permissions! {
            [$(#[$head])* $vis $catalogue $text $version]
            [$($resources)* $module] [$($policies)*] [$($roles)*] [$($retired)*] $($rest)*
        }
    };
    (
        [$(#[$head:meta])* $vis:vis $catalogue:ident $text:literal $version:literal]
        [$($resources:ident)*] [$($policies:ident)*] [$($roles:ident)*] [$($retired:tt)*]
        $(#[$meta:meta])*
        policy $policy:ident $name:literal { $($permission:ty),* $(,)? }
        $($rest:tt)*
    ) => {
        $(#[$meta])*
        #[doc = ::core::concat!("The policy `", $name, "`.")]
        #[expect(non_upper_case_globals, reason = "a policy is named like the type that it is not")]
        $vis const $policy: $crate::StandardPolicy = $crate::StandardPolicy::__new(
            $name,
            &[$(<$permission as $crate::Permission>::DEFINITION),*],
        );
        $crate::__permissions! {
            [$(#[$head])* $vis $catalogue $text $version]
            [$($resources)*] [$($policies)* $policy] [$($roles)*] [$($retired)*] $($rest)*
        }
    };
    (
        [$(#[$head:meta])* $vis:vis $catalogue:ident $text:literal $version:literal]
        [$($resources:ident)*] [$($policies:ident)*] [$($roles:ident)*] [$($retired:tt)*]
        $(#[$meta:meta])*
        role $role:ident $name:literal { $($policy:ident),* $(,)? }
        $($rest:tt)*
    ) => {
        $(#[$meta])*
        #[doc = ::core::concat!("The role `", $name, "`.")]
        #[expect(non_upper_case_globals, reason = "a role is named like the type that it is not")]
        $vis const $role: $crate::StandardRole =
            $crate::StandardRole::__new($name, &[$($policy),*]);
        $crate::__permissions! {
            [$(#[$head])* $vis $catalogue $text $version]
            [$($resources)*] [$($policies)*] [$($roles)* $role] [$($retired)*] $($rest)*
        }
    };
    (
        [$(#[$head:meta])* $vis:vis $catalogue:ident $text:literal $version:literal]
        [$($resources:ident)*] [$($policies:ident)*] [$($roles:ident)*] [$($retired:tt)*]
        retired { $($bit:literal => $permission:literal;)* }
        $($rest:tt)*
    ) => {
        $crate::__permissions! {
            [$(#[$head])* $vis $catalogue $text $version]
            [$($resources)*] [$($policies)*] [$($roles)*]
            [$($retired)* $($crate::Retired::__new($bit, $permission),)*] $($rest)*
        }
    };
    (
        [$(#[$head:meta])* $vis:vis $catalogue:ident $text:literal $version:literal]
        [$($resources:ident)*] [$($policies:ident)*] [$($roles:ident)*] [$($retired:tt)*]
    ) => {
        $(#[$head])*
        #[doc = ::core::concat!("\n\nThe catalogue `", $text, "`.")]
        #[derive(Clone, Copy, Debug)]
        $vis struct $catalogue;

        impl $catalogue {
            /// The name of the catalogue.
            pub const NAME: &'static str = $text;
            /// The version of the catalogue.
            pub const VERSION: u32 = $version;

            /// The catalogue as a value. Each call makes one: call it once, and share it.
            #[must_use]
            pub fn catalogue() -> ::std::sync::Arc<$crate::Catalogue> {
                $crate::Catalogue::__of(
                    Self::NAME,
                    Self::VERSION,
                    &[$($resources::__DEFINITIONS),*],
                    &[$($policies),*],
                    &[$($roles),*],
                    &[$($retired)*],
                )
            }
        }

        const _: () = {
            ::core::assert!(
                $crate::__private::is_name($text, 48),
                "a catalogue is named in lower-case letters, digits and inner hyphens, at most 48 bytes"
            );
            $crate::__private::check(
                &[$($resources::__DEFINITIONS),*],
                &[$($policies),*],
                &[$($roles),*],
                &[$($retired)*],
            )
        };
    };
}

/// Declares the module of one resource.
#[doc(hidden)]
#[macro_export]
macro_rules! __resource {
    (
        $origin:ident $(#[$meta:meta])* $vis:vis $module:ident $resource:literal { $(
            $(#[$about:meta])*
            $bit:literal => $permission:ident $action:literal
                $([ $($attribute:ident $(= $value:literal)?),* $(,)? ])? ;
        )* }
    ) => {
        $(#[$meta])*
        #[doc = ::core::concat!("\n\nThe resource `", $resource, "` and what may be done to it.")]
        $vis mod $module {
            #[doc = ::core::concat!("The resource `", $resource, "` itself.")]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub struct Resource;

            impl $crate::Resource for Resource {
                const NAME: &'static str = $resource;
            }

            $(
                $(#[$about])*
                #[doc = ::core::concat!("\n\nThe permission `", $resource, ":", $action, "`.")]
                #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
                pub struct $permission;

                impl $crate::Permission for $permission {
                    type On = Resource;
                    const DEFINITION: $crate::Definition = $crate::Definition::$origin(
                        $bit,
                        ::core::concat!($resource, ":", $action),
                        $resource,
                        $action,
                        $crate::Attributes::NONE $($(.$attribute($($value)?))*)?,
                    );
                }
            )*

            #[doc(hidden)]
            pub const __DEFINITIONS: &[$crate::Definition] =
                &[$(<$permission as $crate::Permission>::DEFINITION),*];
        }
    };
}
