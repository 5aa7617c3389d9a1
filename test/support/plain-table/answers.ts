/** A reply of the service: the HTTP status and the JSON body as text. */
export type Answer = { readonly status: number; readonly body: string };

export type ThrottlingReason = { readonly reason: string; readonly resource: string };

export function success(body: unknown): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

export function validationError(message: string): Answer {
  return failure(400, 'com.amazon.coral.validate#ValidationException', message);
}

/** Quotes what it refuses, as messages of the service do, so that leaks are found. */
export function serializationError(): Answer {
  return failure(
    400,
    'com.amazon.coral.service#SerializationException',
    'Start of structure or map found where not expected.',
  );
}

export function unknownOperation(): Answer {
  return { status: 400, body: JSON.stringify({ __type: 'com.amazon.coral.service#UnknownOperationException' }) };
}

export function requestTooLarge(): Answer {
  return { status: 413, body: '' };
}

export function tableMissing(): Answer {
  return failure(400, 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', 'Requested resource not found');
}

export function throttled(reasons: readonly ThrottlingReason[]): Answer {
  const message =
    'The level of configured provisioned throughput for the table was exceeded. ' +
    'Consider increasing your provisioning level with the UpdateTable API.';
  return {
    status: 400,
    body: JSON.stringify({
      __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
      message,
      ThrottlingReasons: reasons,
    }),
  };
}

export function limitExceeded(message: string): Answer {
  return failure(400, 'com.amazonaws.dynamodb.v20120810#LimitExceededException', message);
}

export function internalError(): Answer {
  return failure(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', 'Internal server error');
}

/** The answer of a load balancer, which is not JSON. */
export function serviceUnavailable(): Answer {
  return { status: 503, body: '<html><body><b>Http/1.1 Service Unavailable</b></body></html>' };
}

export function expiredToken(): Answer {
  const message = 'The security token included in the request is expired';
  return failure(400, 'com.amazon.coral.service#ExpiredTokenException', message);
}

export function unrecognizedClient(): Answer {
  const message = 'The security token included in the request is invalid.';
  return failure(400, 'com.amazon.coral.service#UnrecognizedClientException', message);
}

export function missingAuthentication(): Answer {
  const message = 'Request is missing Authentication Token';
  return failure(400, 'com.amazon.coral.service#MissingAuthenticationTokenException', message);
}

export function invalidSignature(message: string): Answer {
  return failure(400, 'com.amazon.coral.service#InvalidSignatureException', message);
}

export function accessDenied(operation: string, table: string): Answer {
  const message =
    `User: arn:aws:iam::000000000000:user/importer is not authorized to perform: dynamodb:${operation} on resource: ` +
    `arn:aws:dynamodb:us-east-1:000000000000:table/${table} because no identity-based policy allows it`;
  return failure(400, 'com.amazon.coral.service#AccessDeniedException', message);
}

function failure(status: number, type: string, message: string): Answer {
  return { status, body: JSON.stringify({ __type: type, message }) };
}
